/**
 * The sum of `values` by halves, rounding each addition: as accurate as the tree reductions of the kernels, so a rounded
 * oracle neither flatters nor blames them.
 */
export function pairwiseSum(
  values: ArrayLike<number>,
  round: (value: number) => number,
  from: number = 0,
  to: number = values.length,
): number {
  if (to - from <= 0) return 0;
  if (to - from === 1) return values[from]!;
  const middle = (from + to) >> 1;
  return round(pairwiseSum(values, round, from, middle) + pairwiseSum(values, round, middle, to));
}
