import { normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { deformableAttention } from './index.ts';

testKernel(check);

const expectClose = expectWithin(3e-6);
const [queries, heads, size] = [13, 2, 8];

// SwiftShader gets its share by the cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `deformable attention (${testProfile.name})`,
  () => {
    let opened: TestDevice;
    beforeAll(async () => {
      opened = await openTestDevice();
    });
    afterAll(() => opened?.dispose());

    const run = async (
      value: Float32Array,
      locations: Float32Array,
      weights: Float32Array,
      options: NonNullable<ProblemInput['options']>,
      batch = 1,
    ): Promise<ArrayLike<number>> => {
      const { device } = opened;
      const points = weights.length / batch / queries / heads;
      const { y } = await runKernel(device, deformableAttention, {
        inputs: {
          value: device.tensor([batch, value.length / batch / heads / size, heads, size], value),
          locations: device.tensor([batch, queries, heads, points, 2], locations),
          weights: device.tensor([batch, queries, heads, points], weights),
        },
        options,
      });
      return y.read();
    };
    const each = (count: number, of: (i: number) => number): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: count }, (_, i) => of(i));

    // Sizes are powers of two, so that the middles of pixels are numbers of f32.
    test('discrete equals bilinear in the middle of pixels', async () => {
      const levels = [
        [4, 8, 3],
        [2, 4, 2],
      ] as const;
      const value = normalNumbers(40 * heads * size, 1);
      const weights = normalNumbers(queries * heads * 5, 2);
      const locations = each(2 * queries * heads * 5, (i) => {
        const point = Math.floor(i / 2) % 5;
        const [height, width] = levels[point < 3 ? 0 : 1]!;
        const count = i % 2 === 0 ? width : height;
        // A pixel more on either side, which is outside.
        return (((i * 7) % (count + 2)) - 0.5) / count;
      });
      const options = { levels: '4x8 2x4', points: '3 2' };
      const bilinear = await run(value, locations, weights, options);
      expect(await run(value, locations, weights, { ...options, sampling: 'discrete' })).toEqual(bilinear);
      expect(Array.from(bilinear).some((one) => one !== 0)).toBe(true);
    });

    // RT-DETRv2's own code takes pixel ⌊x · size + 0.5⌋, half a pixel on, or the nearest there is.
    test('discrete at moved locations is what RT-DETRv2 computes', async () => {
      const [height, width] = [4, 8];
      const value = normalNumbers(32 * heads * size, 8);
      const weights = normalNumbers(queries * heads, 9);
      const published = each(2 * weights.length, (i) => ((i * 37) % 67) / 50 - 0.2);
      const sizeOf = (i: number): number => (i % 2 === 0 ? width : height);
      const moved = published.map((x, i) => Math.min(Math.max(x + 0.5 / sizeOf(i), 0), 1 - 2 ** -24));
      const got = await run(value, moved, weights, { levels: '4x8', points: '1', sampling: 'discrete' });
      const pixel = (i: number): number =>
        Math.max(0, Math.min(Math.floor(published[i]! * sizeOf(i) + 0.5), sizeOf(i) - 1));
      const want = each(got.length, (i) => {
        const row = Math.floor(i / size);
        const token = pixel(2 * row + 1) * width + pixel(2 * row);
        return value[(token * heads + (row % heads)) * size + (i % size)]!;
      });
      expect(got).toEqual(want);
    });

    test('levels with counts of their own add up', async () => {
      const [first, second] = [normalNumbers(12 * heads * size, 3), normalNumbers(4 * heads * size, 4)];
      const cut = (values: Float32Array, from: number, to: number, per: number): Float32Array =>
        values.filter((_, i) => Math.floor(i / per) % 5 >= from && Math.floor(i / per) % 5 < to);
      const weights = normalNumbers(queries * heads * 5, 5);
      const locations = each(2 * weights.length, (i) => ((i * 37) % 101) / 100);
      const whole = await run(Float32Array.of(...first, ...second), locations, weights, {
        levels: '3x4 2x2',
        points: '1 4',
        weights: 'normalised',
      });
      const part = (value: Float32Array, levels: string, from: number, to: number) =>
        run(value, cut(locations, from, to, 2), cut(weights, from, to, 1), {
          levels,
          points: `${to - from}`,
          weights: 'normalised',
        });
      const [one, other] = [await part(first, '3x4', 0, 1), await part(second, '2x2', 1, 5)];
      expectClose(
        whole,
        Array.from(one, (value, i) => value + other[i]!),
      );
    });

    test.each(['bilinear', 'discrete'])(
      'points outside give 0, which the softmax counts: %s',
      async (sampling) => {
        const value = each(12 * heads * size, () => 3);
        // The first of four points is in the picture, all weigh the same.
        const locations = each(2 * queries * heads * 4, (i) =>
          i % 8 < 2 ? 0.5 : [-0.3, 1.4, 7, -1e9][Math.floor(i / 2) % 4]!,
        );
        const y = await run(
          value,
          locations,
          each(queries * heads * 4, () => 2),
          {
            levels: '3x4',
            sampling,
          },
        );
        expectClose(
          y,
          Array.from(y, () => 0.75),
        );
      },
    );

    test('a location that is not finite reads nothing, here or in the next batch row', async () => {
      const count = 12 * heads * size;
      const value = each(2 * count, (i) => (i < count ? 1 : NaN));
      const wild = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38];
      const locations = each(2 * 2 * queries * heads * 4, (i) => wild[i % wild.length]!);
      const y = await run(value, locations, normalNumbers(2 * queries * heads * 4, 6), { levels: '3x4' }, 2);
      expect(Array.from(y).every((one) => one === 0)).toBe(true);
    });
  },
);

const axes = { batch: 1, tokens: 16, queries: 1, heads: 1, head_size: 4, points: 8, pair: 2 };
test.each<[string, ProblemInput, string]>([
  [
    'levels of other tokens',
    { axes: { ...axes, tokens: 17 }, options: { levels: '3x4 2x2' } },
    "there are 17 tokens; option 'levels' adds up to 3x4 + 2x2 = 16. Fix: correct the option 'levels', or the tensors.",
  ],
  [
    'counts that do not add up',
    { axes, options: { levels: '3x4 2x2', points: '4 3' } },
    "there are 8 points; option 'points' adds up to 4 + 3 = 7. Fix: correct the option 'points', or the tensors.",
  ],
  [
    'counts of fewer levels',
    { axes, options: { levels: '3x4 2x2', points: '4 3 1' } },
    "option 'points' is '4 3 1', and 'levels' '3x4 2x2'; there is a count for each level, or one for all. Fix: give points 2 " +
      'counts, or one.',
  ],
  [
    'a count that is none',
    { axes, options: { levels: '3x4 2x2', points: '8 0' } },
    "option 'points' is '8 0'; each level has at least one point. Fix: give points positive integers.",
  ],
  [
    'a count in other digits',
    { axes, options: { levels: '3x4 2x2', points: '0x4' } },
    "option 'points' is '0x4'; each level has at least one point. Fix: give points positive integers.",
  ],
  [
    'a level of one number',
    { axes, options: { levels: '3x4 4' } },
    "level 1 is '4'; a level has a height and a width. Fix: write it as '40x40'.",
  ],
  [
    'no levels',
    { axes },
    "option 'levels' is ''; it gives one to three numbers from 1 up to 16777215, outermost axis first, such as '8x14x14'. Fix: give levels " +
      'such numbers.',
  ],
  [
    'points of three numbers',
    { axes: { ...axes, pair: 3 }, options: { levels: '3x4 2x2' } },
    "'locations' has 3 numbers for a point; a point is (x, y), each from 0 to 1. Fix: give 'locations' pairs.",
  ],
])('%s is refused', (_, input, message) => {
  expect(() => checkProblem(deformableAttention, input)).toThrowError(`[deformable-attention] ${message}`);
});
