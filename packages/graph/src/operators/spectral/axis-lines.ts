// An axis of a value of any rank, as kernels know it: `[outer, size, inner]`.
import type { Extent } from '@tilewright/kernels';
import { productOf } from '../../extent/index.ts';
import type { InferContext, LoweringContext } from '../../ir.ts';
import { axisOf, numbersOf } from '../shapes.ts';

/** The axis of `shape`, and what lies before and behind it: sizes, not lines. */
export function linesAlong(
  { extents }: Pick<LoweringContext, 'extents'>,
  shape: readonly Extent[],
  axis: number,
): { readonly outer: Extent; readonly size: Extent; readonly inner: Extent } {
  return {
    outer: productOf(extents, ...shape.slice(0, axis)),
    size: shape[axis]!,
    inner: productOf(extents, ...shape.slice(axis + 1)),
  };
}

/** The place of an axis of an input, and its size, a number. Throws `bad-graph` beyond the rank and for symbols. */
export function axisSize(
  { subject, inputs }: Pick<InferContext, 'subject' | 'inputs'>,
  role: string,
  axis: number,
): readonly [axis: number, size: number] {
  const { shape } = inputs[role]!;
  const place = axisOf(subject, axis, shape.length);
  return [place, numbersOf(subject, role, [shape[place]!])[0]!];
}

/** Whether a value has no elements, whatever the symbols: there is nothing to compute. */
export const isEmpty = ({ values }: Pick<LoweringContext, 'values'>, value: string): boolean =>
  values[value]!.shape.includes(0);
