import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { withWild } from '../wild-places.ts';
import { axisNumbers, productOf } from '../grid.ts';
import { sampleGrid } from './index.ts';
import { sampleGridReference } from './reference.ts';

/** `[batch, samples, heads, head_size]` on a grid. */
const sampleCase = (
  [batch, samples, heads, head_size]: readonly [number, number, number, number],
  grid: string,
  {
    options,
    coordinateHeads = heads,
    ...rest
  }: Partial<CheckCase> & { readonly coordinateHeads?: number } = {},
): CheckCase => {
  const sizes = axisNumbers('sample-grid', 'grid', grid);
  return {
    ...rest,
    axes: {
      batch,
      samples,
      heads,
      head_size,
      tokens: productOf(sizes),
      coordinate_heads: coordinateHeads,
      grid_axes: sizes.length,
    },
    options: { grid, ...options },
  };
};

/** From one and a half tokens before the grid to as far behind it; every fifth place is a token's own, every seventh between two. */
function places({ axes, options }: CheckCase, random: () => number): Float32Array {
  const grid = axisNumbers('sample-grid', 'grid', options!.grid!);
  const { batch, samples, coordinate_heads: heads } = axes as Record<string, number>;
  return Float32Array.from({ length: batch! * samples! * heads! * grid.length }, (_, i) => {
    const place = random() * (grid[i % grid.length]! + 2) - 1.5;
    return i % 5 === 0 ? Math.floor(place) : i % 7 === 0 ? Math.floor(place) + 0.5 : place;
  });
}

export const check: KernelCheck = {
  kernel: sampleGrid,
  reference: sampleGridReference,
  cost: ({ axes, options }, bytes) => {
    const { batch, samples, heads, head_size, grid_axes } = axes as Record<string, number>;
    const corners = options.sampling === 'nearest' ? 1 : 2 ** grid_axes!;
    return { bytes, flops: 2 * corners * batch! * samples! * heads! * head_size! };
  },
  cases: [
    sampleCase([1, 1, 1, 1], '1'),
    sampleCase([2, 7, 3, 5], '4x7'),
    sampleCase([2, 9, 2, 8], '3x4x5'),
    sampleCase([2, 67, 2, 36], '13', { coordinateHeads: 1, dtypes: { x: 'f16', y: 'f32' } }),
    sampleCase([1, 33, 2, 7], '5x6', { options: { sampling: 'nearest' } }),
    sampleCase([6, 19, 2, 8], '2x4', {
      name: 'a grid of three-column pictures, values to 1e4',
      options: { x_strides: 'b s b:3 h d', y_strides: 'bhsd' },
      scale: { x: 1e4 },
      dtypes: { x: 'f32', y: 'f32' },
    }),
    sampleCase([2, 40, 1, 12], '3x4', {
      name: 'places that are not finite, or far away',
      inputs: (input, random) => ({ coordinates: withWild(places(input, random)) }),
    }),
  ],
  workloads: [
    {
      ...sampleCase([1, 196, 3, 32], '14x14'),
      name: 'keys of varied-size windows',
      model: 'VSA, Swin-T',
      size: 'small',
    },
    {
      ...sampleCase([1, 3136, 3, 32], '56x56'),
      name: 'keys of varied-size windows',
      model: 'VSA, Swin-T, first stage',
      size: 'large',
    },
  ],
  inputs: (input, random) => ({ coordinates: places(input, random) }),
  // Eight products in another order, their shares products of three.
  floor: () => 8 * 2 ** -23,
};
