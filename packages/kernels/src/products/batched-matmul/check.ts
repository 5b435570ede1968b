import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { expressionEpilogue } from '../fillings/epilogue.ts';
import { columnGain } from '../fillings/load-a.ts';
import { batchedMatmul, batchedMatmulAxes } from './index.ts';
import { batchedMatmulReference } from './reference.ts';

type Shape = readonly [batch: number, m: number, n: number, k: number];

/** A case whose tensors are just as large as its orders need. */
export function productCase(
  [batch, m, n, k]: Shape,
  options: Readonly<Record<string, OptionValue>> = {},
  rest: Partial<CheckCase> = {},
): CheckCase {
  return { axes: batchedMatmulAxes({ batch, m, n, k }, options), options, ...rest };
}

const halves = { a: 'f16', b: 'f16', y: 'f16' } as const;
const mixed = { a: 'f16', b: 'f32', y: 'f16' } as const;
const nt = { transpose_b: true };

export const check: KernelCheck = {
  kernel: batchedMatmul,
  reference: batchedMatmulReference,
  cost: ({ axes }, bytesOnce) => {
    const { batch, m, n, k } = axes as { batch: number; m: number; n: number; k: number };
    return { bytes: bytesOnce, flops: 2 * batch * m * n * k };
  },
  cases: [
    productCase([1, 1, 1, 1]),
    productCase([2, 5, 7, 3]),
    productCase([3, 4, 8, 12], nt),
    productCase([2, 17, 36, 64], nt, { dtypes: mixed }),
    productCase([2, 33, 20, 37], { transpose_a: true }),
    productCase([1, 9, 64, 256], {}, { name: 'values to 1e4', scale: { a: 1e4, b: 1e4 } }),
    productCase([4, 3, 67, 5], { transpose_a: true, transpose_b: true }, { dtypes: halves }),
    productCase([2, 70, 132, 20], {}, { dtypes: halves }),
    productCase([3, 1, 40, 61], nt),
    productCase([5, 2, 1, 100]),
    productCase([8, 6, 12, 8], { b_strides: 'b (b:4) n k' }, { name: 'four query heads share keys' }),
    productCase(
      [6, 10, 8, 16],
      { a_strides: 'b m b:3 k', b_strides: 'b 1/3 k b:3 n', y_strides: 'b m b:3 n' },
      { name: 'heads side by side, b a slice of three', dtypes: mixed },
    ),
    productCase(
      [6, 4, 5, 6],
      { a_strides: 'b (b:3) m k', b_strides: '(b) b:3 k n', y_strides: 'mbn' },
      { name: 'outer product of two batches' },
    ),
    productCase(
      [2, 7, 8, 8],
      { a_strides: 'b m k+4/16', b_strides: 'b k+1/9 n+3/13' },
      { name: 'parts of longer rows' },
    ),
    productCase(
      [2, 12, 8, 12],
      { a_strides: 'b k m k:4 m:4', b_strides: 'n k', y_strides: 'n b m' },
      { name: 'split axes, b shared' },
    ),
    productCase(
      [4, 6, 20, 16],
      { b_strides: 'b (b:2) k n' },
      {
        name: 'gains on both, scale, bias, residual',
        scalars: { alpha: 0.25 },
        slots: {
          load_a: columnGain({ columns: 16 }),
          load_b: columnGain({ columns: 16 }),
          epilogue: expressionEpilogue({
            expression: ['add', 'residual', ['silu', ['add', 'acc', 'bias']]],
            operands: { residual: 'full', bias: 'column' },
            columns: 20,
          }),
        },
      },
    ),
    productCase([2, 3, 7, 9], nt, {
      name: 'fillings where nothing is a multiple of 4',
      scalars: { alpha: -1.5 },
      dtypes: halves,
      slots: {
        load_b: columnGain({ columns: 9 }),
        epilogue: expressionEpilogue({
          expression: ['gelu', ['mul', 'acc', 'gain']],
          operands: { gain: 'row' },
          columns: 7,
        }),
      },
    }),
  ],
  workloads: [
    {
      ...productCase([4, 32, 32, 32], nt),
      name: 'scores of a chunk',
      model: 'shakespeare-1m',
      size: 'small',
    },
    {
      ...productCase([32, 512, 512, 64], { b_strides: 'b (b:4) n k' }),
      name: 'scores',
      model: 'Llama-3.2-1B',
      size: 'large',
    },
    {
      ...productCase([32, 512, 64, 512], { b_strides: 'b (b:4) k n', y_strides: 'm b n' }),
      name: 'values',
      model: 'Llama-3.2-1B',
      size: 'large',
    },
  ],
  dtypes: ['f32'],
  // Sums of k terms in another order (Higham and Mary 2019); exp of activations at 3 + 2|x| ULP.
  floor: ({ axes, slots }) => (Math.sqrt(axes.k!) + (slots?.epilogue ? 24 : 0)) * 2 ** -24,
};
