import { normalNumbers, type Plan } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { prefixAttention } from './index.ts';

testKernel(check);

const [keys, heads, size] = [150, 2, 8];
const [q, k, v] = [
  normalNumbers(heads * size, 1),
  normalNumbers(keys * heads * size, 2),
  normalNumbers(keys * heads * size, 3),
];
/** The largest difference as a part of the largest value. */
const worst = (got: ArrayLike<number>, want: ArrayLike<number>): number => {
  const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Array.from(want).reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value) / largest), 0);
};

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('prefix attention', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  /** All prefixes of a sequence that comes in pieces, with the state carried from one to the next. */
  async function inPieces(ends: readonly number[], plan: Plan): Promise<{ y: number[]; lse: number[] }> {
    const { device } = opened;
    const carried = device.tensor([1, heads, size], new Float32Array(heads * size));
    const carried_peak = device.tensor([1, heads], new Float32Array(heads));
    const carried_sum = device.tensor([1, heads], new Float32Array(heads));
    const y: number[] = [];
    let from = 0;
    for (const to of ends) {
      const piece = (all: Float32Array) => all.slice(from * heads * size, to * heads * size);
      const made = await runKernel(device, prefixAttention, {
        inputs: {
          q: device.tensor([heads, size], q),
          k: device.tensor([1, to - from, heads, size], piece(k)),
          v: device.tensor([1, to - from, heads, size], piece(v)),
        },
        outputs: { carried, carried_peak, carried_sum },
        options: { carry: true },
        plan,
      });
      y.push(...(await made.y.read()));
      from = to;
    }
    const [peak, sum] = [await carried_peak.read(), await carried_sum.read()];
    return { y, lse: Array.from(peak, (each, head) => each + Math.log(sum[head]!)) };
  }

  test('scan, walk, pieces and single steps equal causal attention with the same query everywhere', async () => {
    const { device } = opened;
    const whole = await runKernel(device, flashAttention, {
      inputs: {
        q: device.tensor(
          [1, keys, heads, size],
          Float32Array.from({ length: keys * heads * size }, (_, i) => q[i % q.length]!),
        ),
        k: device.tensor([1, keys, heads, size], k),
        v: device.tensor([1, keys, heads, size], v),
      },
      options: { causal: true, lse: true },
    });
    const want = await whole.y.read();
    const lse = await whole.lse.read();
    const last = [lse[keys - 1]!, lse[2 * keys - 1]!];
    expect(Math.max(...Array.from(want, Math.abs))).toBeGreaterThan(0.5);
    const steps = Array.from({ length: keys }, (_, i) => i + 1);
    for (const [ends, variant] of [
      [[keys], 'scan'],
      [[keys], 'walk'],
      [[1, 70, 71, keys], 'scan'],
      [[64, 128, keys], 'walk'],
    ] as const) {
      const got = await inPieces(ends, { variant, chunk: 32 });
      expect(worst(got.y, want), `${variant}, ${ends.length} pieces`).toBeLessThan(2e-6);
      expect(worst(got.lse, last)).toBeLessThan(2e-6);
    }
    const walk = { variant: 'walk', chunk: 32 };
    expect((await inPieces(steps, walk)).y, 'single steps, bit for bit').toEqual(
      (await inPieces([keys], walk)).y,
    );
  });
});

test('heads that do not share evenly are refused', () => {
  const axes = { batch: 1, keys: 4, heads: 3, kv_heads: 2, head_size: 4, value_size: 4 };
  expect(() => checkProblem(prefixAttention, { axes })).toThrowError(
    '[prefix-attention] 3 query heads do not share 2 key/value heads evenly; heads must be a multiple of kv_heads, so that ' +
      'groups of query heads share one. Fix: give counts that divide.',
  );
});
