import { normalNumbers } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { stickBreakingAttention } from './index.ts';

testKernel(check);

const [heads, kvHeads, size, tokens] = [4, 2, 8, 43];
const worst = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
  Array.from(want).reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);

describe.skipIf(testProfile.compileOnly)('stick-breaking attention', () => {
  test('steps over a growing cache equal the whole', async () => {
    const { device, dispose } = await openTestDevice();
    const q = normalNumbers(tokens * heads * size, 1);
    const k = device.tensor([1, tokens, kvHeads, size], normalNumbers(tokens * kvHeads * size, 2));
    const v = device.tensor([1, tokens, kvHeads, size], normalNumbers(tokens * kvHeads * size, 3));
    const whole = await runKernel(device, stickBreakingAttention, {
      inputs: { q: device.tensor([1, tokens, heads, size], q), k, v },
    });
    const want = await whole.y.read();
    for (const step of [0, 17, 42]) {
      const row = [step * heads * size, (step + 1) * heads * size] as const;
      const { y } = await runKernel(device, stickBreakingAttention, {
        inputs: {
          q: device.tensor([1, 1, heads, size], q.slice(...row)),
          k,
          v,
          lengths: device.tensor([1], Uint32Array.of(step + 1)),
        },
        options: { lengths: true },
      });
      expect(worst(await y.read(), want.slice(...row))).toBeLessThan(2e-6);
    }
    dispose();
  });

  // Values of one give the sum of the weights.
  test.each([true, false])('weights and remainder make one stick (attend_self: %s)', async (attend_self) => {
    const { device, dispose } = await openTestDevice();
    const { y, remainder } = await runKernel(device, stickBreakingAttention, {
      inputs: {
        q: device.tensor([1, tokens, heads, size], normalNumbers(tokens * heads * size, 4)),
        k: device.tensor([1, tokens, kvHeads, size], normalNumbers(tokens * kvHeads * size, 5)),
        v: device.tensor([1, tokens, kvHeads, 1], new Float32Array(tokens * kvHeads).fill(1)),
      },
      options: { attend_self, remainder: true },
    });
    const sums = await y.read();
    const left = await remainder.read();
    for (let head = 0; head < heads; head++)
      for (let query = 0; query < tokens; query++) {
        const sum = sums[query * heads + head]!;
        expect(sum).toBeLessThanOrEqual(1 + 1e-6);
        expect(Math.abs(sum + left[head * tokens + query]! - 1)).toBeLessThan(2e-6);
      }
    expect(left[0] === 1).toBe(!attend_self);
    dispose();
  });

  // The newest key takes everything, so older ones, infinite and NaN among them, must not be touched.
  test('a stick that is spent ends the pass', async () => {
    const { device, dispose } = await openTestDevice();
    const keys = 1000;
    const values = new Float32Array(keys * 4).fill(NaN, 0, (keys - 64) * 4);
    const { y } = await runKernel(device, stickBreakingAttention, {
      inputs: {
        q: device.tensor([1, 1, 1, 4], [200, 0, 0, 0]),
        k: device.tensor([1, keys, 1, 4], new Float32Array(keys * 4).fill(10)),
        v: device.tensor([1, keys, 1, 4], values.fill(3, (keys - 1) * 4)),
      },
    });
    expect(Array.from(await y.read())).toEqual([3, 3, 3, 3]);
    dispose();
  });
});
