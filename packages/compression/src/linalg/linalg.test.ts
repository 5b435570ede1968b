import { describe, expect, test } from 'vitest';
import {
  choleskyUpper,
  inverseFactor,
  invertUpper,
  randomRotation,
  upperTriangle,
  type UpperTriangle,
} from './index.ts';

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

/** The upper triangle of a square matrix. */
function triangleOf(a: Float64Array, n: number): UpperTriangle {
  const triangle = upperTriangle(n);
  for (let i = 0; i < n; i++) triangle.data.set(a.subarray(i * n + i, (i + 1) * n), triangle.rowStart(i) + i);
  return triangle;
}

/** All that is stored, as a square; zeros where nothing is. */
function squareOf({ size: n, data, rowStart, panelEnd }: UpperTriangle): Float64Array {
  const square = new Float64Array(n * n);
  for (let panel = 0; panel < n; panel = panelEnd(panel))
    for (let i = panel; i < panelEnd(panel); i++)
      for (let j = panel; j < n; j++) square[i * n + j] = data[rowStart(i) + j]!;
  return square;
}

/** The largest |Σ_k f(i, k) · g(k, j) - want(i, j)|. */
function worst(
  n: number,
  f: (i: number, k: number) => number,
  g: (k: number, j: number) => number,
  want: (i: number, j: number) => number,
): number {
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
const upper =
  (a: Float64Array, n: number) =>
  (i: number, j: number): number =>
    i <= j ? at(a, n, i, j) : 0;

describe.each([1, 2, 5, 47, 48, 49, 97, 130, 191, 192, 193, 400])('n = %i', (n) => {
  const h = gram(n, 2 * n, n, 0.5);
  const scale = h.reduce((most, value) => Math.max(most, value), 0);

  test('Vᵀ V gives the matrix back and zeros below', () => {
    const triangle = triangleOf(h, n);
    expect(choleskyUpper(triangle)).toBe(-1);
    const v = squareOf(triangle);
    const u = upper(v, n);
    expect(
      worst(
        n,
        (i, k) => u(k, i),
        u,
        (i, j) => at(h, n, i, j),
      ) / scale,
    ).toBeLessThan(1e-14);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(at(v, n, i, j)).toBe(0);
  });

  test('the inverse of an upper triangle', () => {
    const triangle = triangleOf(h, n);
    choleskyUpper(triangle);
    const v = squareOf(triangle);
    invertUpper(triangle);
    const x = squareOf(triangle);
    expect(worst(n, upper(v, n), upper(x, n), identity)).toBeLessThan(1e-12);
  });

  test('the factor of the inverse is upper triangular, and Uᵀ U h = I', () => {
    const triangle = upperTriangle(n);
    expect(inverseFactor(triangle, (i, j) => at(h, n, i, j))).toBe(true);
    const u = squareOf(triangle);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(at(u, n, i, j)).toBe(0);
    const inverse = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k <= Math.min(i, j); k++)
          inverse[i * n + j] = inverse[i * n + j]! + at(u, n, k, i) * at(u, n, k, j);
      }
    }
    expect(
      worst(
        n,
        (i, k) => at(inverse, n, i, k),
        (k, j) => at(h, n, k, j),
        identity,
      ),
    ).toBeLessThan(1e-9);
  });
});

test('a matrix that is not positive definite is noticed, and where', () => {
  const pivot = (...numbers: number[]): number => {
    const n = Math.sqrt(numbers.length);
    return choleskyUpper(triangleOf(Float64Array.from(numbers), n));
  };
  expect(pivot(1, 2, 2, 1)).toBe(1);
  expect(pivot(NaN)).toBe(0);
  expect(pivot(Infinity)).toBe(0);
  const singular = gram(60, 20, 3, 0);
  for (let i = 0; i < 60; i++) singular[i] = singular[60 * i] = 0;
  expect(inverseFactor(upperTriangle(60), (i, j) => at(singular, 60, i, j))).toBe(false);
  expect(inverseFactor(upperTriangle(0), () => 0)).toBe(true);
});

test('a triangle takes little more than half of a square', () => {
  expect(upperTriangle(4096).data.byteLength / 2 ** 20).toBeLessThan(67);
});

test.each([1, 2, 3, 20, 48, 128, 384])('a random rotation of %i columns keeps lengths and angles', (size) => {
  const rotation = randomRotation(size, 3);
  const rows = Array.from({ length: size }, (_, i) => {
    // Every second number, so that steps are taken.
    const values = new Float64Array(2 * size).fill(7);
    for (let j = 0; j < size; j++) values[2 * j] = Number(i === j);
    rotation(values, 0, 2);
    for (let j = 0; j < size; j++) expect(values[2 * j + 1]).toBe(7);
    return values.filter((_value, j) => j % 2 === 0);
  });
  for (const [i, row] of rows.entries()) {
    for (const [j, other] of rows.entries())
      expect(row.reduce((sum, value, k) => sum + value * other[k]!, 0)).toBeCloseTo(Number(i === j), 12);
    // No column stands out.
    if (size > 2) expect(Math.max(...row.map(Math.abs))).toBeLessThan(size === 3 ? 0.82 : 0.72);
  }
});
