import { callback, checkOptions } from '@tilewright/kernels';
import { productRoom, subtractProduct } from './subtract-product.ts';
import { checkTriangle, triangleView as view, type UpperTriangle } from './triangle.ts';

// Rows are read and written in order, in blocks that fit a cache, because that is what makes plain JavaScript run at a useful rate.
// A panel of a triangle is a whole number of blocks.
const blockRows = 48;

/**
 * Replaces the upper triangle of a symmetric positive definite matrix by `V` with `Vᵀ V` that matrix.
 *
 * @returns -1, or the index of the first pivot that is not positive and finite, where `a` is left half done.
 */
export function choleskyUpper(a: UpperTriangle): number {
  checkTriangle('choleskyUpper', a);
  const { size: n, data, rowStart, panelEnd } = a;
  const room = productRoom();
  for (let start = 0; start < n; start += blockRows) {
    const end = Math.min(n, start + blockRows);
    for (let k = start; k < end; k++) {
      const from = rowStart(k);
      const pivot = data[from + k]!;
      if (!(pivot > 0 && pivot < Infinity)) return k;
      const inverse = 1 / Math.sqrt(pivot);
      for (let j = k; j < n; j++) data[from + j] = data[from + j]! * inverse;
      for (let i = k + 1; i < end; i++) {
        const x = data[from + i]!;
        const to = rowStart(i);
        for (let j = i; j < n; j++) data[to + j] = data[to + j]! - x * data[from + j]!;
      }
    }
    const { rowStride } = view(a, start, start);
    for (let i = end; i < n; i = panelEnd(i)) {
      const transposed = {
        data,
        offset: rowStart(start) + i,
        rowStride: 1,
        columnStride: rowStride,
      };
      const rows = panelEnd(i) - i;
      subtractProduct(view(a, i, i), transposed, view(a, start, i), rows, end - start, n - i, room);
    }
  }
  for (let panel = 0; panel < n; panel = panelEnd(panel))
    for (let i = panel; i < panelEnd(panel); i++) data.fill(0, rowStart(i) + panel, rowStart(i) + i);
  return -1;
}

/** Replaces an upper triangle by its inverse. */
export function invertUpper(v: UpperTriangle): void {
  checkTriangle('invertUpper', v);
  const { size: n, data, rowStart } = v;
  const product = new Float64Array(blockRows * n);
  const room = productRoom();
  for (let start = Math.floor((n - 1) / blockRows) * blockRows; start >= 0; start -= blockRows) {
    const end = Math.min(n, start + blockRows);
    const rows = end - start;
    // What the finished rows below contribute: -V[block, below] · X[below, below].
    product.fill(0);
    for (let k = end; k < n; k += blockRows) {
      const inner = Math.min(blockRows, n - k);
      const target = {
        data: product,
        offset: k,
        rowStride: n,
        columnStride: 1,
      };
      subtractProduct(target, view(v, start, k), view(v, k, k), rows, inner, n - k, room);
    }
    for (let i = end - 1; i >= start; i--) {
      const [row, target] = [rowStart(i), (i - start) * n];
      const inverse = 1 / data[row + i]!;
      for (let k = i + 1; k < end; k++) {
        const x = data[row + k]!;
        const from = rowStart(k);
        for (let j = k; j < n; j++) product[target + j] = product[target + j]! - x * data[from + j]!;
      }
      data[row + i] = inverse;
      for (let j = i + 1; j < n; j++) data[row + j] = product[target + j]! * inverse;
    }
  }
}

/**
 * Fills a triangle with `U`, `Uᵀ U = h⁻¹` for the symmetric positive definite `h` whose elements `at` gives: row `j` of `U / U[j][j]` is
 * how the inputs after `j` make up for an error at `j` once the inputs before it are fixed.
 *
 * The inverse itself is never formed: a Cholesky factorization taken from the last index to the first gives
 * `h = R Rᵀ` with `R` upper triangular, and `U = R⁻¹`.
 *
 * @returns whether `h` is positive definite; `u` is left half done where it is not.
 */
export function inverseFactor(u: UpperTriangle, at: (row: number, column: number) => number): boolean {
  checkTriangle('inverseFactor', u);
  checkOptions('inverseFactor', { at }, { at: callback });
  const { size: n, data, rowStart } = u;
  for (let i = 0; i < n; i++) {
    const row = rowStart(i);
    for (let j = i; j < n; j++) data[row + j] = at(n - 1 - i, n - 1 - j);
  }
  if (choleskyUpper(u) >= 0) return false;
  invertUpper(u);
  // Element (i, j) changes places with (n - 1 - j, n - 1 - i), both above the diagonal.
  for (let i = 0; i < n; i++) {
    const row = rowStart(i);
    for (let j = i; j < n - 1 - i; j++) {
      const there = rowStart(n - 1 - j) + n - 1 - i;
      const value = data[row + j]!;
      data[row + j] = data[there]!;
      data[there] = value;
    }
  }
  return true;
}
