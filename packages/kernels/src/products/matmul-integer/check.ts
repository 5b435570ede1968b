import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { matmulInteger } from './index.ts';
import { matmulIntegerReference } from './reference.ts';

interface Counts {
  /** Matrices of a and b; default one for each batch row. */
  readonly a?: number;
  readonly b?: number;
  /** Zero points of a and b; default one. */
  readonly aZeros?: number;
  readonly bZeros?: number;
}

const words = (bytes: number): number => Math.ceil(bytes / 4);

const product = (
  [batch, m, n, k]: readonly [number, number, number, number],
  options: Readonly<Record<string, OptionValue>> = {},
  { a = batch, b = batch, aZeros = 1, bZeros = 1 }: Counts = {},
): CheckCase => ({
  axes: {
    batch,
    m,
    n,
    k,
    a_words: words(a * m * k),
    b_words: words(b * k * n),
    ...(options.a_zero_point && { a_zero_words: words(aZeros) }),
    ...(options.b_zero_point && { b_zero_words: words(bZeros) }),
  },
  options,
});
const zeros = { a_zero_point: true, b_zero_point: true };

export const check: KernelCheck = {
  kernel: matmulInteger,
  reference: matmulIntegerReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 2 * axes.batch! * axes.m! * axes.n! * axes.k! }),
  dtypes: ['f32'],
  cases: [
    product([1, 1, 1, 1]),
    product([1, 4, 2, 3], zeros),
    product([2, 5, 7, 3], { a_type: 'i8', b_type: 'i8' }),
    product(
      [1, 33, 31, 17],
      { ...zeros, b_type: 'i8', a_zero_per: 'line', b_zero_per: 'line' },
      { aZeros: 33, bZeros: 31 },
    ),
    product(
      [3, 4, 6, 5],
      { ...zeros, a_type: 'i8', a_zero_per: 'matrix line', b_zero_per: 'matrix line' },
      { aZeros: 12, bZeros: 18 },
    ),
    product([6, 3, 5, 9], { a_batches: 'b (b:3)', b_batches: '(b) b:3' }, { a: 2, b: 3 }),
    product([4, 32, 64, 32], { b_batches: '(b)' }, { b: 1 }),
    product([1, 65, 67, 130], { ...zeros, a_type: 'i8' }),
  ],
  workloads: [
    {
      name: 'projection',
      model: 'shakespeare-1m',
      size: 'small',
      ...product([1, 128, 128, 128], { ...zeros, b_type: 'i8' }),
    },
    {
      name: 'projection 128',
      model: 'BERT-base (int8)',
      size: 'large',
      ...product([1, 128, 768, 768], { ...zeros, b_type: 'i8' }),
    },
  ],
  inputs: ({ axes }, random) => {
    const draw = (name: string): Uint32Array =>
      Uint32Array.from({ length: axes[name] ?? 0 }, () => Math.floor(random() * 2 ** 32));
    return {
      a: draw('a_words'),
      b: draw('b_words'),
      a_zero_point: draw('a_zero_words'),
      b_zero_point: draw('b_zero_words'),
    };
  },
  floor: () => 0,
  exact: ['y'],
};
