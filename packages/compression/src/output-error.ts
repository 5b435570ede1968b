import { checkOptions, having, TilewrightError } from '@tilewright/kernels';
import { checkCompressionKinds } from './check-kinds.ts';
import { productRoom, subtractProduct } from './linalg/index.ts';
import type { GramStatistics } from './statistic.ts';

/**
 * The squared error of a layer's outputs over their squared size, on the inputs that were calibrated on:
 * `tr(D H Dᵀ) / tr(W H Wᵀ)` with `D = weight - changed`, both `[rows, columns]`, and `H` the Gram matrix.
 * 0 where the outputs are zero and stay so.
 */
export function relativeOutputError(
  weight: ArrayLike<number>,
  changed: ArrayLike<number>,
  statistics: GramStatistics,
): number {
  const numbers = having('a list of numbers', 'length');
  checkOptions(
    'relativeOutputError',
    { weight, changed, statistics },
    {
      weight: numbers,
      changed: numbers,
      statistics: having('a Gram matrix with its columns', 'gram', 'columns'),
    },
  );
  if (weight.length !== changed.length || weight.length % (statistics.columns || 1) !== 0)
    throw new TilewrightError('bad-shape', {
      subject: 'relativeOutputError',
      problem: `there are ${weight.length} and ${changed.length} weights`,
      requirement: `both have as many, rows of ${statistics.columns}`,
      fix: 'give the same weight before and after',
    });
  const difference = new Float64Array(weight.length);
  for (let i = 0; i < difference.length; i++) difference[i] = weight[i]! - changed[i]!;
  const error = outputEnergy(difference, statistics);
  return error === 0 ? 0 : error / outputEnergy(Float64Array.from(weight), statistics);
}

/**
 * `tr(A H Aᵀ)` for `A [rows, columns]`: the squared size of its outputs on the inputs that were calibrated on. Uses the symmetry
 * of `H`: each pair of column blocks is multiplied once.
 */
export function outputEnergy(a: Float64Array, gathered: GramStatistics): number {
  checkCompressionKinds('outputEnergy', { matrix: a, gathered });
  const { gram, columns } = gathered;
  const rows = columns === 0 ? 0 : a.length / columns;
  const width = 64;
  const h = gram instanceof Float64Array ? gram : Float64Array.from(gram);
  const products = new Float64Array(rows * width);
  const room = productRoom();
  let sum = 0;
  for (let start = 0; start < columns; start += width) {
    const count = Math.min(width, columns - start);
    for (const [from, to, times] of [
      [start, start + count, 1],
      [start + count, columns, 2],
    ] as const) {
      products.fill(0);
      subtractProduct(
        { data: products, offset: 0, rowStride: width, columnStride: 1 },
        { data: a, offset: from, rowStride: columns, columnStride: 1 },
        { data: h, offset: from * columns + start, rowStride: columns, columnStride: 1 },
        rows,
        to - from,
        count,
        room,
      );
      let part = 0;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < count; c++) part -= products[r * width + c]! * a[r * columns + start + c]!;
      }
      sum += times * part;
    }
  }
  // Rounding may leave a hair below zero where the true value is zero.
  return Math.max(sum, 0);
}
