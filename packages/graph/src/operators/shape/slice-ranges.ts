import type { Extent } from '@tilewright/kernels';
import { extentAlgebra } from '../../extent/index.ts';
import type { InferContext } from '../../ir.ts';
import { badNode } from '../shapes.ts';
import { knownAxes, knownElements, knownNumbers } from './known.ts';

/** Every `step`th place of an axis, `size` of them, from `start` on. */
export interface AxisRange {
  readonly axis: number;
  readonly start: Extent;
  readonly step: number;
  readonly size: Extent;
}

/** The ranges that a `Slice` names; ends are clamped, and negative numbers count from the end of an axis. Throws `bad-graph`. */
export function sliceRanges(context: InferContext<unknown>): readonly AxisRange[] {
  const { subject, inputs, extents } = context;
  const { shape } = inputs.data!;
  const starts = knownElements(context, 'starts')!;
  const ends = knownElements(context, 'ends')!;
  const axes = knownAxes(context, knownNumbers(context, 'axes') ?? starts.map((_, i) => i), shape.length);
  const steps = knownNumbers(context, 'steps') ?? starts.map(() => 1);
  if (![ends, axes, steps].every(({ length }) => length === starts.length))
    throw badNode(
      subject,
      `it has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`,
      'there must be one of each for an axis',
    );
  const sizes = extentAlgebra(extents.symbols);
  return axes.map((axis, i) => {
    const [length, step] = [shape[axis]!, steps[i]!];
    if (!Number.isSafeInteger(step) || step === 0)
      throw badNode(subject, `a step is ${step}`, 'it must be an integer other than 0');
    const last = sizes.difference(length, 1);
    const [low, high] = step > 0 ? [0, length] : [-1, last];
    const clamped = (place: Extent): Extent => {
      if (place === Infinity) return high;
      if (place === -Infinity) return low;
      const { min, max } = sizes.bounds(place);
      if (min < 0 && max >= 0)
        throw badNode(subject, 'a start or an end may be negative or not', 'its sign must be known');
      const counted = max < 0 ? sizes.sum(place, length) : place;
      return sizes.minimum(sizes.maximum(counted, low), high);
    };
    const [start, end] = [clamped(starts[i]!), clamped(ends[i]!)];
    const span = step > 0 ? sizes.difference(end, start) : sizes.difference(start, end);
    const size = sizes.maximum(0, sizes.ceilQuotient(span, Math.abs(step)));
    return { axis, start, step, size };
  });
}
