import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { segmentSum } from './index.ts';

testKernel(check);

test.skipIf(testProfile.compileOnly)('a Program runs with fewer tokens and segments', async () => {
  const { device, dispose } = await openTestDevice();
  const problem = segmentSum.problem({
    axes: { batch: 1, heads: 1, lists: 1, tokens: 300, segments: 90, channels: 1 },
    options: { counts: true },
  });
  const program = segmentSum.program(problem, segmentSum.plans(problem, device.capabilities)[0]!);
  const bindings = {
    x: device.tensor([1, 5, 1, 1], [1, 2, 4, 8, 16]),
    assignment: device.tensor([1, 1, 5], Uint32Array.of(2, 0, 2, 4294967295, 0)),
    y: device.tensor([1, 3, 1, 1]),
    counts: device.tensor([1, 1, 3], undefined, 'u32'),
    starts: device.tensor([4], undefined, 'u32'),
    ranks: device.tensor([5], undefined, 'u32'),
    order: device.tensor([5], undefined, 'u32'),
  };
  const sequence = await device.sequence([{ program, bindings }]);
  sequence.run({ batch: 1, tokens: 5, segments: 3 });
  expect(Array.from(await bindings.y.read())).toEqual([18, 0, 5]);
  expect(Array.from(await bindings.counts.read())).toEqual([2, 0, 2]);
  dispose();
});

test.skipIf(testProfile.compileOnly)('half-precision results are rounded once, from f32 sums', async () => {
  const { device, dispose } = await openTestDevice();
  const { y } = await runKernel(device, segmentSum, {
    axes: { segments: 1 },
    dtypes: { y: 'f16' },
    inputs: {
      x: device.tensor([1, 3, 1, 1], [2048, 1, 1]),
      assignment: device.tensor([1, 1, 3], new Uint32Array(3)),
    },
  });
  expect(Array.from(await y.read())).toEqual([2050]);
  dispose();
});

test.skipIf(testProfile.compileOnly).each([
  [{}, 'bshd', 'bshd'],
  [{ x_strides: 'bhsd' }, 'bhsd', 'bshd'],
  [{ x_strides: 'sbhd', y_strides: 'bhsd' }, 'sbhd', 'bhsd'],
  [{ y_strides: 'hbsd' }, 'bshd', 'hbsd'],
] as const)('tensors have the shapes of their orders: %j', async (options, orderX, orderY) => {
  const { device, dispose } = await openTestDevice();
  const sizes = (s: number) => ({ b: 2, s, h: 3, d: 1 });
  const shapeIn = (order: string, s: number): number[] =>
    [...order].map((letter) => sizes(s)[letter as 'b' | 's' | 'h' | 'd']);
  /** Where batch row, token and head lie in an order. */
  const placeIn = (order: string, s: number, b: number, at: number, h: number): number =>
    [...order].reduce((place, letter) => {
      const axis = letter as 'b' | 's' | 'h' | 'd';
      return place * sizes(s)[axis] + { b, s: at, h, d: 0 }[axis];
    }, 0);
  const x = new Float32Array(2 * 4 * 3);
  const want: number[] = Array<number>(2 * 2 * 3).fill(0);
  const assignment = Uint32Array.of(0, 1, 1, 0, 1, 1, 0, 1);
  for (let b = 0; b < 2; b++)
    for (let token = 0; token < 4; token++)
      for (let h = 0; h < 3; h++) {
        const value = 100 * b + 10 * token + h + 1;
        x[placeIn(orderX, 4, b, token, h)] = value;
        want[placeIn(orderY, 2, b, assignment[4 * b + token]!, h)]! += value;
      }
  const { y } = await runKernel(device, segmentSum, {
    axes: { segments: 2 },
    options,
    inputs: {
      x: device.tensor(shapeIn(orderX, 4), x),
      assignment: device.tensor([2, 1, 4], assignment),
    },
  });
  expect(y.shape).toEqual(shapeIn(orderY, 2));
  expect(Array.from(await y.read())).toEqual(want);
  dispose();
});

test('lists for some of the heads are refused', () => {
  const axes = { batch: 1, heads: 4, lists: 2, tokens: 8, segments: 2, channels: 4 };
  expect(() => checkProblem(segmentSum, { axes })).toThrow(
    "[segment-sum] 'assignment' has 2 lists for 4 heads; each head has a list of its own, or all have one. " +
      'Fix: give 4 lists, or 1.',
  );
});

test('orders that cannot be read or written are refused', () => {
  const axes = { batch: 1, heads: 4, lists: 1, tokens: 8, segments: 2, channels: 4 };
  expect(() => checkProblem(segmentSum, { axes, options: { y_strides: 'bsd' } })).toThrow(
    "[segment-sum] option 'y_strides' is 'bsd': there is no h; it lists b, s, h (split ones as 'b b:8', slices as '1/3') from " +
      "outermost to innermost, d last. Fix: write 'bshd', 'bhsd', or digits separated by spaces.",
  );
  expect(() => checkProblem(segmentSum, { axes, options: { x_strides: 'b s h h:3 d' } })).toThrow(
    "[segment-sum] option 'x_strides' is 'b s h h:3 d': h of size 4 has inner digits of 3; digits divide their axis. " +
      'Fix: pad h to a multiple of 3, or give it other digits.',
  );
  expect(() => checkProblem(segmentSum, { axes, options: { y_strides: 'b h s+1/2 d' } })).toThrow(
    "[segment-sum] option 'y_strides' is 'b h s+1/2 d': 2 values of s from place 1 on; memory has 2 places there, and more " +
      'would overlap. Fix: give s 3 places or more.',
  );
});
