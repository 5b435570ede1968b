/** Rounds of k-means; in one dimension means hardly move after a dozen. */
const rounds = 25;

/**
 * So many numbers that lie near all of some values, ascending: k-means (Lloyd 1982, from quantiles), a local optimum of the squared
 * error. Where 0 is among the values it is one of the numbers, so that pruned weights stay 0. `sorted` is sorted in place.
 */
export function kMeans(sorted: Float32Array, count: number): Float32Array {
  sorted.sort();
  const numbers = means(sorted, count);
  const zero = lowerBound(sorted, 0);
  if (sorted[zero] === 0) numbers[nearest(numbers, 0)] = 0;
  return Float32Array.from(numbers).sort();
}

function means(sorted: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i]! + sorted[i]!;
  const numbers = new Float64Array(count);
  if (sorted.length === 0) return numbers;
  for (let i = 0; i < count; i++) numbers[i] = sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!;
  for (let round = 0; round < rounds; round++) {
    let start = 0;
    let isSame = true;
    for (let i = 0; i < count; i++) {
      const end =
        i + 1 === count ? sorted.length : lowerBound(sorted, (numbers[i]! + numbers[i + 1]!) / 2, start);
      const mean = end > start ? (sums[end]! - sums[start]!) / (end - start) : numbers[i]!;
      isSame &&= mean === numbers[i];
      numbers[i] = mean;
      start = end;
    }
    if (isSame) break;
  }
  return numbers;
}

/** The first place from `low` on whose value is not below. */
function lowerBound(sorted: ArrayLike<number>, value: number, low = 0): number {
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The number of an ascending list that is nearest. */
function nearest(numbers: Float64Array, value: number): number {
  const at = Math.min(numbers.length - 1, lowerBound(numbers, value));
  return at > 0 && value - numbers[at - 1]! < numbers[at]! - value ? at - 1 : at;
}
