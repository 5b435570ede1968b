import { normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { shortAttention } from './index.ts';

testKernel(check);

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('short attention', () => {
  test.each<[string, number, number, ProblemInput['options']]>([
    ['16 tokens, causal', 16, 16, { causal: true }],
    ['many queries, 49 keys', 130, 49, {}],
  ])('equals flash-attention: %s', async (_, queries, keys, options = {}) => {
    const { device, dispose } = await openTestDevice();
    const inputs = {
      q: device.tensor([9, queries, 4, 12], normalNumbers(9 * queries * 48, 1)),
      k: device.tensor([9, keys, 2, 12], normalNumbers(9 * keys * 24, 2)),
      v: device.tensor([9, keys, 2, 8], normalNumbers(9 * keys * 16, 3)),
    };
    const flash = await runKernel(device, flashAttention, { inputs, options });
    const short = await runKernel(device, shortAttention, { inputs, options });
    const want = await flash.y.read();
    const got = await short.y.read();
    expect(Math.max(...Array.from(want.subarray(0, 1000), Math.abs))).toBeGreaterThan(0.5);
    const worst = Array.from(want).reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);
    expect(worst).toBeLessThan(2e-6);
    dispose();
  });
});

test('long sequences are refused', () => {
  const axes = { batch: 1, queries: 65, keys: 65, heads: 1, kv_heads: 1, head_size: 4, value_size: 4 };
  expect(() => checkProblem(shortAttention, { axes })).toThrowError(
    '[short-attention] sequences have 65 keys; at most 64, so that all scores of a query are at hand at once. Fix: use ' +
      'flash-attention.',
  );
});
