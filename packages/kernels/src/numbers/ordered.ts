/**
 * Sorts from the largest to the smallest as every kernel does that chooses (`argmax`, `top-k`, `sample`, …): NaN is ahead of
 * infinity, and both zeros are one.
 */
export function compareDescending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : b > a ? 1 : -1;
}

/** Where the first of the largest numbers is. */
export function largestIndex(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 1; i < values.length; i++)
    if (compareDescending(values[largest]!, values[i]!) > 0) largest = i;
  return largest;
}
