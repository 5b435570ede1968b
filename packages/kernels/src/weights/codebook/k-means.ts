import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import type { CodebookFormat } from './format.ts';
import { packCodebook } from './pack.ts';

/** Rounds of k-means; in one dimension means hardly move after a dozen. */
const rounds = 25;

/**
 * A matrix rounded to a table of its own by k-means (Lloyd 1982, from quantiles): the table that lies nearest by squared error, up to
 * a local optimum. Where 0 is among the values, it is a number of the table, so that pruned weights stay 0.
 *
 * @throws `bad-argument` for values that are not finite, `bad-format` for a format with scales.
 */
export function roundCodebook(
  values: ArrayLike<number>,
  shape: readonly number[],
  format: CodebookFormat,
): HostTensor {
  if (format.scaling.kind !== 'unit')
    throw new TilewrightError('bad-format', {
      subject: 'roundCodebook',
      problem: `the format is ${format.name}`,
      requirement: 'k-means makes a table of the values themselves',
      fix: "take a codebook with scale 'none'",
    });
  const sorted = Float64Array.from(values).sort();
  if (sorted.length > 0 && !(Number.isFinite(sorted[0]) && Number.isFinite(sorted.at(-1))))
    throw new TilewrightError('bad-argument', {
      subject: 'roundCodebook',
      problem: 'there are values that are not finite',
      requirement: 'a mean of these is none',
      fix: 'correct the weights first',
    });
  const count = 2 ** format.bits;
  const numbers = means(sorted, count);
  const zero = lowerBound(sorted, 0);
  if (sorted[zero] === 0) numbers[nearest(numbers, 0)] = 0;
  numbers.sort();
  const codes = Uint8Array.from(values, (value) => nearest(numbers, value));
  return packCodebook({ codes, numbers: Float32Array.from(numbers) }, shape, format);
}

function means(sorted: Float64Array, count: number): Float64Array {
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
function lowerBound(sorted: Float64Array, value: number, low = 0): number {
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
