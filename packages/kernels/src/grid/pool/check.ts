import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { axisNumbers, productOf } from '../grid.ts';
import { pool } from './index.ts';
import { poolReference } from './reference.ts';
import { pooledGrid, poolAxes } from './windows.ts';

/** `[batch, heads, head_size]`, and options of which the other axes follow. */
const poolCase = (
  [batch, heads, head_size]: readonly [number, number, number],
  options: NonNullable<CheckCase['options']>,
  { weightHeads = 1, ...rest }: Partial<CheckCase> & { readonly weightHeads?: number } = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch,
    heads,
    head_size,
    tokens: productOf(axisNumbers('pool', 'grid', options.grid!)),
    out_tokens: pooledGrid(options).tokens,
    ...(options.operation === 'weighted' && {
      window_tokens: productOf(poolAxes(options).map(({ window }) => window)),
      weight_heads: weightHeads,
    }),
  },
  options,
});

export const check: KernelCheck = {
  kernel: pool,
  reference: poolReference,
  cost: ({ axes, options }, bytes) => {
    const { batch, out_tokens, heads, head_size } = axes as Record<string, number>;
    const flops = options.operation === 'weighted' ? 2 : 1;
    return {
      bytes,
      flops:
        flops *
        productOf(poolAxes(options).map(({ window }) => window)) *
        batch! *
        out_tokens! *
        heads! *
        head_size!,
    };
  },
  cases: [
    poolCase([1, 1, 1], { grid: '1' }),
    poolCase([2, 3, 5], { grid: '4x7', window: '3x2', stride: '2', padding: '1', operation: 'weighted' }),
    poolCase([2, 2, 8], { grid: '3x5x7', window: '3', stride: '1x2x2', padding: '1', operation: 'max' }),
    poolCase(
      [1, 4, 8],
      { grid: '5x6x4', window: '3', stride: '2', padding: '1', operation: 'weighted', y_strides: 'bhsd' },
      { weightHeads: 4, dtypes: { x: 'f32', weight: 'f16', y: 'f32' } },
    ),
    poolCase(
      [3, 2, 12],
      { grid: '9x11', window: '2x3', stride: '3x2', padding: '1x2', dilation: '2x1', count_padding: true },
      { name: 'values to 1e4', scale: { x: 1e4 } },
    ),
    poolCase([2, 1, 20], { grid: '67', window: '35', stride: '3', padding: '0', padding_end: '17' }),
    poolCase(
      [2, 2, 4],
      { grid: '8x5', window: '3x4', stride: '3', padding: '2x3', dilation: '1x2', edges: 'reflect' },
      { dtypes: { x: 'f16', y: 'f32' } },
    ),
    poolCase(
      [6, 2, 8],
      { grid: '7', window: '2', padding: '3', stride: '2', operation: 'max', x_strides: 'b s b:3 h d' },
      { name: 'columns of two grids, windows in the padding', dtypes: { x: 'f32', y: 'f32' } },
    ),
  ],
  workloads: [
    {
      ...poolCase([1, 2, 16], {
        grid: '4x7x7',
        window: '3',
        stride: '1x2x2',
        padding: '1',
        operation: 'max',
      }),
      name: 'keys of a short clip, scale 4',
      model: 'MViT, small',
      size: 'small',
    },
    {
      ...poolCase([1, 1, 96], {
        grid: '8x56x56',
        window: '3',
        stride: '1x8x8',
        padding: '1',
        operation: 'weighted',
      }),
      name: 'keys of a clip, scale 1',
      model: 'MViT-B 16x4',
      size: 'large',
    },
  ],
  // Sums of a window in another order, and a division good to 2.5 ULP.
  floor: ({ options }) =>
    (4 + Math.sqrt(productOf(poolAxes(options!).map(({ window }) => window)))) * 2 ** -23,
};
