import { normalNumbers } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { clippedSoftmaxAttention } from './index.ts';

testKernel(check);

describe.skipIf(testProfile.compileOnly)('clipped softmax attention', () => {
  test('zeta 1 and gamma 0 are softmax', async () => {
    const { device, dispose } = await openTestDevice();
    const inputs = {
      q: device.tensor([2, 21, 4, 8], normalNumbers(2 * 21 * 32, 1)),
      k: device.tensor([2, 50, 2, 8], normalNumbers(2 * 2 * 50 * 8, 2)),
      v: device.tensor([2, 50, 2, 8], normalNumbers(2 * 2 * 50 * 8, 3)),
    };
    const options = { causal: true };
    const plain = await runKernel(device, flashAttention, { inputs, options });
    const clipped = await runKernel(device, clippedSoftmaxAttention, {
      inputs,
      options,
      scalars: { gamma: 0 },
    });
    const want = await plain.y.read();
    const got = await clipped.y.read();
    expect(Math.max(...Array.from(want, Math.abs))).toBeGreaterThan(0.5);
    expect(Math.max(...Array.from(want, (value, i) => Math.abs(got[i]! - value)))).toBeLessThan(2e-6);
    dispose();
  });

  // Values are one-hot, so the output is the row of weights.
  test('weights reach exactly 0 and 1 at finite scores', async () => {
    const { device, dispose } = await openTestDevice();
    const keys = 16;
    const { y } = await runKernel(device, clippedSoftmaxAttention, {
      inputs: {
        q: device.tensor([1, 2, 1, 4], [8, 0, 0, 0, 0, 0, 0, 0]),
        k: device.tensor(
          [1, keys, 1, 4],
          Array.from({ length: keys * 4 }, (_, i) => (i === 20 ? 4 : 0)),
        ),
        v: device.tensor(
          [1, keys, 1, keys],
          Array.from({ length: keys ** 2 }, (_, i) => (i % 17 === 0 ? 1 : 0)),
        ),
      },
      scalars: { zeta: 1.03, gamma: -0.07 },
    });
    const weights = Array.from(await y.read());
    expect(weights.slice(0, keys)).toEqual(Array.from({ length: keys }, (_, key) => (key === 5 ? 1 : 0)));
    // 1.1 / 16 - 0.07 is below 0: a row that attends to nothing.
    expect(weights.slice(keys)).toEqual(Array<number>(keys).fill(0));
    dispose();
  });
});

test('bounds the wrong way round are refused', () => {
  const axes = { batch: 1, queries: 1, keys: 1, heads: 1, kv_heads: 1, head_size: 4, value_size: 4 };
  expect(() =>
    checkProblem(clippedSoftmaxAttention, { axes, scalars: { zeta: 0.9, gamma: 0.1 } }),
  ).toThrowError(
    '[clipped-softmax-attention] zeta is 0.9 and gamma is 0.1; zeta is 1 or more and gamma 0 or less, so that weights are ' +
      'stretched and then clipped to 0 … 1. Fix: change them, or use flash-attention, which clips nothing.',
  );
});
