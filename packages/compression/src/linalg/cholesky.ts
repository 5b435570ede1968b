import { productRoom, subtractProduct, type StridedMatrix } from './subtract-product.ts';

// Row-major n × n matrices of f64 in one array throughout; rows are read and written in order, in blocks that fit a
// cache, because that is what makes plain JavaScript run at a useful rate.
const blockRows = 48;
const trailingRows = 4 * blockRows;

const view = (data: Float64Array, n: number, row: number, column: number): StridedMatrix => ({
  data,
  offset: row * n + column,
  rowStride: n,
  columnStride: 1,
});

/**
 * Replaces the upper triangle of a symmetric positive definite `a [n, n]` by `V` with `Vᵀ V = a`, and its lower triangle,
 * which is not read, by zeros.
 *
 * @returns -1, or the index of the first pivot that is not positive and finite, where `a` is left half done.
 */
export function choleskyUpper(a: Float64Array, n: number): number {
  const room = productRoom();
  for (let start = 0; start < n; start += blockRows) {
    const end = Math.min(n, start + blockRows);
    for (let k = start; k < end; k++) {
      const pivot = a[k * n + k]!;
      if (!(pivot > 0 && pivot < Infinity)) return k;
      const inverse = 1 / Math.sqrt(pivot);
      for (let j = k; j < n; j++) a[k * n + j] = a[k * n + j]! * inverse;
      for (let i = k + 1; i < end; i++) {
        const x = a[k * n + i]!;
        const [from, to] = [k * n, i * n];
        for (let j = i; j < n; j++) a[to + j] = a[to + j]! - x * a[from + j]!;
      }
    }
    for (let i = end; i < n; i += trailingRows) {
      const rows = Math.min(trailingRows, n - i);
      const transposed = { data: a, offset: start * n + i, rowStride: 1, columnStride: n };
      subtractProduct(view(a, n, i, i), transposed, view(a, n, start, i), rows, end - start, n - i, room);
    }
  }
  for (let i = 1; i < n; i++) a.fill(0, i * n, i * n + i);
  return -1;
}

/** Replaces the upper triangular `v [n, n]` by its inverse; the lower triangle must be zeros. */
export function invertUpper(v: Float64Array, n: number): void {
  const product = new Float64Array(blockRows * n);
  const room = productRoom();
  for (let start = Math.floor((n - 1) / blockRows) * blockRows; start >= 0; start -= blockRows) {
    const end = Math.min(n, start + blockRows);
    const rows = end - start;
    // What the finished rows below contribute: -V[block, below] · X[below, below].
    product.fill(0);
    for (let k = end; k < n; k += blockRows) {
      const inner = Math.min(blockRows, n - k);
      subtractProduct(
        view(product, n, 0, k),
        view(v, n, start, k),
        view(v, n, k, k),
        rows,
        inner,
        n - k,
        room,
      );
    }
    for (let i = end - 1; i >= start; i--) {
      const target = (i - start) * n;
      const inverse = 1 / v[i * n + i]!;
      for (let k = i + 1; k < end; k++) {
        const x = v[i * n + k]!;
        for (let j = k; j < n; j++) product[target + j] = product[target + j]! - x * v[k * n + j]!;
      }
      v[i * n + i] = inverse;
      for (let j = i + 1; j < n; j++) v[i * n + j] = product[target + j]! * inverse;
    }
  }
}

/**
 * Replaces a symmetric positive definite `h [n, n]` by the upper triangular `U [n, n]` with `Uᵀ U = h⁻¹`, zeros below its
 * diagonal: row `j` of `U / U[j][j]` is how the inputs after `j` make up for an error at `j` once the inputs before it are
 * fixed. In place: of 4,096 inputs, `h` alone takes 128 MiB.
 *
 * The inverse itself is never formed: a Cholesky factorization taken from the last index to the first gives
 * `h = R Rᵀ` with `R` upper triangular, and `U = R⁻¹`.
 *
 * @returns whether `h` is positive definite; it is left half done where it is not.
 */
export function inverseFactor(h: Float64Array, n: number): boolean {
  h.reverse();
  if (choleskyUpper(h, n) >= 0) return false;
  invertUpper(h, n);
  // Element (i, j) changes places with (n - 1 - j, n - 1 - i), both above the diagonal.
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n - 1 - i; j++) {
      const [here, there] = [i * n + j, (n - 1 - j) * n + n - 1 - i];
      const value = h[here]!;
      h[here] = h[there]!;
      h[there] = value;
    }
  }
  return true;
}
