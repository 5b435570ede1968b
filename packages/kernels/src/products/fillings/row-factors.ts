import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import type { ObserveAReference, SlotArguments } from './slots.ts';

/** The factor of each row of a product, as what fills `observe_a` says. */
export function rowFactors(
  reference: ObserveAReference,
  args: SlotArguments & { readonly a: Float64Array },
): Float64Array {
  if (typeof reference === 'function') return reference(args);
  const { a, rows, columns, round } = args;
  return Float64Array.from({ length: rows }, (_, row) => {
    const squares = a.slice(row * columns, (row + 1) * columns).map((value) => round(value * value));
    const mean = round(pairwiseSum(squares, round) / reference.k);
    return round(1 / Math.sqrt(round(mean + Math.fround(reference.eps))));
  });
}
