import { describe, expect, test } from 'vitest';
import { choleskyUpper, compensatedSweep, inverseFactor, invertUpper } from './index.ts';

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

/** The largest |Σ_k f(i, k) · g(k, j) - want(i, j)|. */
function worst(n: number, f: (i: number, k: number) => number, g: (k: number, j: number) => number, want: (i: number, j: number) => number): number {
  let worstSoFar = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += f(i, k) * g(k, j);
      worstSoFar = Math.max(worstSoFar, Math.abs(sum - want(i, j)));
    }
  }
  return worstSoFar;
}

const identity = (i: number, j: number): number => (i === j ? 1 : 0);
const upper = (a: Float64Array, n: number) => (i: number, j: number): number => (i <= j ? at(a, n, i, j) : 0);

describe.each([1, 2, 5, 47, 48, 49, 97, 130, 300])('n = %i', (n) => {
  const h = gram(n, 2 * n, n, 0.5);
  const scale = Math.max(...h);

  test('Vᵀ V gives the matrix back and zeros below', () => {
    const v = h.slice();
    expect(choleskyUpper(v, n)).toBe(-1);
    const u = upper(v, n);
    expect(worst(n, (i, k) => u(k, i), u, (i, j) => at(h, n, i, j)) / scale).toBeLessThan(1e-14);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(at(v, n, i, j)).toBe(0);
  });

  test('the inverse of an upper triangle', () => {
    const v = h.slice();
    choleskyUpper(v, n);
    const x = v.slice();
    invertUpper(x, n);
    expect(worst(n, upper(v, n), upper(x, n), identity)).toBeLessThan(1e-12);
  });

  test('the factor of the inverse is upper triangular, and Uᵀ U h = I', () => {
    const u = inverseFactor(h, n)!;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(at(u, n, i, j)).toBe(0);
    const inverse = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k <= Math.min(i, j); k++) inverse[i * n + j] = inverse[i * n + j]! + at(u, n, k, i) * at(u, n, k, j);
      }
    }
    expect(worst(n, (i, k) => at(inverse, n, i, k), (k, j) => at(h, n, k, j), identity)).toBeLessThan(1e-9);
  });
});

test('a matrix that is not positive definite is noticed, and where', () => {
  expect(choleskyUpper(Float64Array.of(1, 2, 2, 1), 2)).toBe(1);
  expect(choleskyUpper(Float64Array.of(NaN), 1)).toBe(0);
  expect(choleskyUpper(Float64Array.of(Infinity), 1)).toBe(0);
  expect(inverseFactor(gram(60, 20, 3, 0).fill(0, 0, 60), 60)).toBe(null);
  expect(inverseFactor([], 0)).toEqual(new Float64Array(0));
});

describe('compensated sweep', () => {
  const [rows, columns] = [7, 70];
  const h = gram(columns, 200, 9, 0.1);
  const factor = inverseFactor(h, columns)!;
  const weights = randomNumbers(rows * columns, 4);
  const round = (_row: number, _column: number, value: number): number => Math.round(4 * value) / 4;
  const sweep = (block: number): { result: Float64Array; cost: number } => {
    const result = weights.slice();
    return { result, cost: compensatedSweep({ weights: result, rows, columns, factor, block, choose: round }) };
  };

  /** tr((W - Ŵ) H (W - Ŵ)ᵀ), written out. */
  function outputError(result: Float64Array): number {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          sum += (result[r * columns + i]! - weights[r * columns + i]!) * at(h, columns, i, j) * (result[r * columns + j]! - weights[r * columns + j]!);
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
    expect([1, 16, 69, 200].map((block) => sweep(block).result)).toEqual(Array.from({ length: 4 }, () => sweep(32).result));
  });

  test('the last column is left at its best real value when nothing is chosen for it', () => {
    // With all columns but the last zeroed, the last must be the least-squares answer h_in / h_nn summed over inputs.
    const result = weights.slice();
    const choose = (_r: number, c: number, value: number): number => (c === columns - 1 ? value : 0);
    compensatedSweep({ weights: result, rows, columns, factor, block: 32, choose });
    const last = columns - 1;
    for (let r = 0; r < rows; r++) {
      let projected = 0;
      for (let i = 0; i < columns; i++) projected += weights[r * columns + i]! * at(h, columns, i, last);
      expect(Math.abs(result[r * columns + last]! - projected / at(h, columns, last, last))).toBeLessThan(1e-10);
    }
  });

  test('blocks begin in order, once each', () => {
    const begun: number[] = [];
    compensatedSweep({ weights: weights.slice(), rows, columns, factor, block: 32, choose: round, beginBlock: (a, b) => begun.push(a, b) });
    expect(begun).toEqual([0, 32, 32, 64, 64, 70]);
  });
});
