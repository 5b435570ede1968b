import { pairwiseSum } from '@tilewright/kernels';

/** A product `a · bᵀ` with its operands as numbers. */
export interface Product {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Rows and columns of the result that are computed in f64: all of them would take longer than what is measured. */
const [sampledRows, sampledColumns] = [4, 96];

/** Places from the first to the last; the first ones are among them, which sparse weights leave full and empty. */
const places = (count: number, size: number): number[] => [
  ...new Set([
    ...Array.from({ length: Math.min(size, Math.ceil(count / 2)) }, (_, i) => i),
    ...Array.from({ length: count }, (_, i) => Math.round((i * (size - 1)) / Math.max(1, count - 1))),
  ]),
];

/** max |got - want| / max |want| over sampled rows and columns, and twice the same for sums that are rounded to f32. */
export function judgeProduct(
  { a, b, m, n, k }: Product,
  y: Float32Array,
): { error: number; rounded: number } {
  let [worst, rounding, largest] = [0, 0, 0];
  const terms = new Float64Array(k);
  for (const row of places(sampledRows, m))
    for (const column of places(sampledColumns, n)) {
      for (let i = 0; i < k; i++) terms[i] = a[row * k + i]! * b[column * k + i]!;
      const want = pairwiseSum(terms, (value) => value);
      const difference = Math.abs(y[row * n + column]! - want);
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
      rounding = Math.max(rounding, Math.abs(pairwiseSum(terms.map(Math.fround), Math.fround) - want));
      largest = Math.max(largest, Math.abs(want));
    }
  return {
    error: worst / (largest || 1),
    rounded: (2 * rounding) / (largest || 1),
  };
}
