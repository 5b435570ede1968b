import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { reduced } from './reduced.ts';

/** The meaning of a reduction along the axes that it names, or all. */
export const reductionMeaning = (
  operator: Operator,
  of: (values: readonly number[]) => number,
): OperatorMeaning => ({
  operator,
  meaning: ({ attributes, has, value, shape }) => {
    const sizes = shape('data');
    const named = has('axes') ? [...value('axes')] : [];
    const isIdle = named.length === 0 && attributes.noop_with_empty_axes === 1;
    const axes = named.length > 0 || isIdle ? named : [...sizes.keys()];
    const counted = axes.map((axis) => (axis + sizes.length) % sizes.length);
    return { reduced: reduced(value('data'), sizes, counted, of) };
  },
});
