import { describe, expect, test } from 'vitest';
import { inverseFactor, upperTriangle } from './linalg/index.ts';
import { compensatedSweep } from './index.ts';

/** Numbers that repeat from run to run, between -1 and 1. */
function randomNumbers(length: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** XᵀX of correlated inputs, well conditioned by what is added to the diagonal. */
function gram(n: number, samples: number, seed: number, diagonal: number): Float64Array {
  const x = randomNumbers(samples * n, seed);
  for (let i = 1; i < x.length; i++) if (i % n !== 0) x[i] = 0.6 * x[i - 1]! + x[i]!;
  const h = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? diagonal : 0;
      for (let s = 0; s < samples; s++) sum += x[s * n + i]! * x[s * n + j]!;
      h[i * n + j] = sum;
    }
  }
  return h;
}

const at = (a: Float64Array, n: number, i: number, j: number): number => a[i * n + j]!;

describe('compensated sweep', () => {
  // More than a panel of the factor.
  const [rows, columns] = [7, 230];
  const h = gram(columns, 600, 9, 0.1);
  const factor = upperTriangle(columns);
  inverseFactor(factor, (i, j) => at(h, columns, i, j));
  const weights = randomNumbers(rows * columns, 4);
  const round = (_row: number, _column: number, value: number): number => Math.round(4 * value) / 4;
  const sweep = (block: number): { result: Float64Array; cost: number } => {
    const result = weights.slice();
    return {
      result,
      cost: compensatedSweep({
        weights: result,
        rows,
        columns,
        factor,
        block,
        choose: round,
      }),
    };
  };

  /** tr((W - Ŵ) H (W - Ŵ)ᵀ), written out. */
  function outputError(result: Float64Array): number {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          sum +=
            (result[r * columns + i]! - weights[r * columns + i]!) *
            at(h, columns, i, j) *
            (result[r * columns + j]! - weights[r * columns + j]!);
        }
      }
    }
    return sum;
  }

  test('the cost is the output error, and below that of rounding alone', () => {
    const { result, cost } = sweep(16);
    expect(Math.abs(cost / outputError(result) - 1)).toBeLessThan(1e-9);
    expect(cost).toBeLessThan(0.7 * outputError(weights.map((value) => round(0, 0, value))));
  });

  test('the size of the blocks does not matter', () => {
    expect([1, 16, 69, 200, 300].map((block) => sweep(block).result)).toEqual(
      Array.from({ length: 5 }, () => sweep(32).result),
    );
  });

  test('the last column is left at its best real value when nothing is chosen for it', () => {
    // With all columns but the last zeroed, the last must be the least-squares answer h_in / h_nn summed over inputs.
    const result = weights.slice();
    const choose = (_r: number, c: number, value: number): number => (c === columns - 1 ? value : 0);
    compensatedSweep({
      weights: result,
      rows,
      columns,
      factor,
      block: 32,
      choose,
    });
    const last = columns - 1;
    for (let r = 0; r < rows; r++) {
      let projected = 0;
      for (let i = 0; i < columns; i++) projected += weights[r * columns + i]! * at(h, columns, i, last);
      expect(Math.abs(result[r * columns + last]! - projected / at(h, columns, last, last))).toBeLessThan(
        1e-10,
      );
    }
  });

  test('blocks begin in order, once each', () => {
    const begun: number[] = [];
    compensatedSweep({
      weights: weights.slice(),
      rows,
      columns,
      factor,
      block: 32,
      choose: round,
      beginBlock: (a, b) => begun.push(a, b),
    });
    expect(begun).toEqual([0, 32, 32, 64, 64, 96, 96, 128, 128, 160, 160, 192, 192, 224, 224, 230]);
  });
});
