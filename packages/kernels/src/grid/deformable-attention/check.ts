import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { withWild } from '../wild-places.ts';
import { axisNumbers, productOf } from '../grid.ts';
import { deformableAttention } from './index.ts';
import { deformableAttentionReference } from './reference.ts';

/** `[batch, queries, heads, head_size]`, levels, and points of each. */
const deformableCase = (
  [batch, queries, heads, head_size]: readonly [number, number, number, number],
  levels: string,
  points: string,
  { options, ...rest }: Partial<CheckCase> = {},
): CheckCase => {
  const sizes = levels
    .split(' ')
    .map((level) => productOf(axisNumbers('deformable-attention', 'levels', level)));
  const counts = points.split(' ').map(Number);
  return {
    ...rest,
    axes: {
      batch,
      queries,
      heads,
      head_size,
      tokens: sizes.reduce((sum, each) => sum + each, 0),
      points: sizes.reduce((sum, _, i) => sum + (counts[i] ?? counts[0]!), 0),
      pair: 2,
    },
    options: { levels, points, ...options },
  };
};

/** Fractions of 64 make products with small sizes exact, so that all agree which pixel holds a point. */
function locations({ axes }: CheckCase, random: () => number): Float32Array {
  const { batch, queries, heads, points } = axes as Record<string, number>;
  const length = 2 * batch! * queries! * heads! * points!;
  return Float32Array.from({ length }, () => Math.floor(random() * 84 - 10) / 64);
}

export const check: KernelCheck = {
  kernel: deformableAttention,
  reference: deformableAttentionReference,
  cost: ({ axes, options }, bytes) => {
    const { batch, queries, heads, head_size, points } = axes as Record<string, number>;
    const corners = options.sampling === 'discrete' ? 1 : 4;
    return { bytes, flops: 2 * corners * points! * batch! * queries! * heads! * head_size! };
  },
  cases: [
    deformableCase([1, 1, 1, 1], '1x1', '1'),
    deformableCase([2, 5, 3, 5], '3x4 2x2', '2 3'),
    deformableCase([2, 7, 2, 8], '5x3 3x2 1x1', '4'),
    deformableCase([1, 67, 2, 36], '6x7 3x4', '1 6', { options: { weights: 'normalised' } }),
    deformableCase([2, 9, 2, 8], '5x6 2x3', '3', { options: { sampling: 'discrete' } }),
    deformableCase([1, 20, 2, 12], '4x4 2x2', '3', {
      name: 'values and logits to 1e4',
      scale: { value: 1e4, weights: 1e4 },
      dtypes: { value: 'f32', weights: 'f32', y: 'f32' },
    }),
    deformableCase([2, 11, 2, 8], '3x5 2x3', '4', {
      name: 'places that are not finite, or far away',
      dtypes: { value: 'f16', weights: 'f32', y: 'f32' },
      inputs: (input, random) => ({ locations: withWild(locations(input, random)) }),
    }),
  ],
  workloads: [
    {
      ...deformableCase([1, 50, 8, 32], '20x20 10x10 5x5', '4'),
      name: 'decoder, small picture',
      model: 'RT-DETRv2-S',
      size: 'small',
    },
    {
      ...deformableCase([1, 300, 8, 32], '80x80 40x40 20x20', '4'),
      name: 'decoder',
      model: 'RT-DETRv2-S',
      size: 'large',
    },
  ],
  inputs: (input, random) => ({ locations: locations(input, random) }),
  // exp is good to 3 + 2|x| ULP and the division to 2.5; four products a point, in another order.
  spreads: ['weights'],
  skips: ['value'],
  floor: ({ axes }) => (16 + 2 * Math.sqrt(axes.points!)) * 2 ** -23,
};
