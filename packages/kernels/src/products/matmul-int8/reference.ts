import type { Oracle, OracleTensor, Round } from '../../contract/check.ts';
import { linearReference } from '../reference.ts';

const perBlock = 32;
const smallest = 2 ** -100;

/** The product with the activation rounded as the kernel rounds it. */
export const matmulInt8Reference: Oracle = (input) =>
  linearReference(input, (a) => roundedActivations(a, input.axes.k!, input.round));

/**
 * What the oracle multiplies: `a` `[rows, k]`, each element its code times the step that so many columns share; f32 operations only,
 * to the bit.
 */
export function roundedActivations(
  a: OracleTensor,
  k: number,
  round: Round,
  columns: number = perBlock,
): OracleTensor {
  const rounded = new Float64Array(a.length);
  for (let row = 0; row < a.length / k; row++)
    for (let first = row * k; first < (row + 1) * k; first += columns) {
      const end = Math.min(first + columns, (row + 1) * k);
      const block = Float32Array.from(a.subarray(first, end));
      const step = stepOf(block.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
      if (step !== 0)
        block.forEach((value, i) => (rounded[first + i] = round(Math.floor(value / step + 0.5) * step)));
    }
  return rounded;
}

/** The largest over 127, rounded up to 8 significant bits: a code times it is exact in f32. Zero for next to nothing. */
export function stepOf(largest: number): number {
  if (largest < smallest) return 0;
  const words = new Uint32Array(Float32Array.of(largest * Math.fround(1 / 127)).buffer);
  words[0] = (words[0]! + 0xffff) & 0xffff0000;
  return new Float32Array(words.buffer)[0]!;
}
