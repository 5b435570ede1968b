import { normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { sampleGrid } from './index.ts';

testKernel(check);

const [heads, size] = [2, 8];
const each = (count: number, of: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, (_, i) => of(i));

// SwiftShader gets its share by the cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`sample-grid (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  /** Samples of one picture at places `[samples, heads, axes]`. */
  const sample = async (x: Float32Array, grid: string, coordinates: Float32Array, sampling = 'linear') => {
    const { device } = opened;
    const axes = grid.split('x').length;
    const { y } = await runKernel(device, sampleGrid, {
      inputs: {
        x: device.tensor([1, x.length / heads / size, heads, size], x),
        coordinates: device.tensor([1, coordinates.length / heads / axes, heads, axes], coordinates),
      },
      options: { grid, sampling },
    });
    return y;
  };
  const token = (x: Float32Array, index: number | undefined, head: number): number[] =>
    Array.from({ length: size }, (_, d) => (index === undefined ? 0 : x[(index * heads + head) * size + d]!));

  test.each(['linear', 'nearest'])(
    'whole coordinates in three dimensions are a gather: %s',
    async (sampling) => {
      const [depth, height, width] = [3, 4, 5];
      const x = normalNumbers(60 * heads * size, 1);
      // Every place, and those around the grid.
      const places = Array.from({ length: 5 * 6 * 7 }, (_, i) => [
        Math.floor(i / 42) - 1,
        (Math.floor(i / 7) % 6) - 1,
        (i % 7) - 1,
      ]);
      const coordinates = Float32Array.from(places.flatMap((place) => [...place, ...place]));
      const y = await sample(x, '3x4x5', coordinates, sampling);
      const want = places.flatMap(([t, r, c]) => {
        const inside = t! >= 0 && t! < depth && r! >= 0 && r! < height && c! >= 0 && c! < width;
        return Array.from({ length: heads }, (_, head) =>
          token(x, inside ? (t! * height + r!) * width + c! : undefined, head),
        ).flat();
      });
      expect(Array.from(await y.read())).toEqual(want);
    },
  );

  test('places that are not finite read nothing, here or in the next batch row', async () => {
    const { device } = opened;
    const wild = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38];
    const { y } = await runKernel(device, sampleGrid, {
      inputs: {
        x: device.tensor(
          [2, 12, heads, size],
          each(24 * heads * size, (i) => (i < 12 * heads * size ? 1 : NaN)),
        ),
        coordinates: device.tensor(
          [2, 9, 1, 2],
          each(36, (i) => wild[i % wild.length]!),
        ),
      },
      options: { grid: '3x4' },
    });
    expect(Array.from(await y.read()).every((value) => value === 0)).toBe(true);
  });
});

const axes = { batch: 1, tokens: 12, samples: 1, heads: 2, head_size: 4, coordinate_heads: 2, grid_axes: 2 };
test.each<[string, ProblemInput, string]>([
  [
    'a grid of another size',
    { axes, options: { grid: '3x5' } },
    'a grid of 3 x 5 has 15 places, and there are 12 tokens; every token has a place of its own. Fix: correct the option ' +
      "'grid', or the tensor.",
  ],
  [
    'places of other axes',
    { axes: { ...axes, grid_axes: 3 }, options: { grid: '3x4' } },
    "'coordinates' has 3 numbers for a place, and the grid 2 axes; a place is a number for each axis, outermost first. Fix: " +
      "change 'coordinates', or the option 'grid'.",
  ],
  [
    'places of other heads',
    { axes: { ...axes, coordinate_heads: 4 }, options: { grid: '3x4' } },
    "'coordinates' has 4 heads, and x 2; heads have places of their own, or share one. Fix: give 'coordinates' as many heads, " +
      'or 1.',
  ],
])('%s is refused', (_, input, message) => {
  expect(() => checkProblem(sampleGrid, input)).toThrowError(`[sample-grid] ${message}`);
});
