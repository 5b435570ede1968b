import { foldSlice } from '../../extent/fold.ts';
import type { Operator, View } from '../../ir.ts';
import { sliced } from '../../views/order.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { orderOf } from './as-shape.ts';
import { knownOf } from './known.ts';
import { sliceRanges } from './slice-ranges.ts';

/** ONNX `Slice` (opset 13): of each axis named, every `step`th place from `start` to before `end`. */
export const slice: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Slice',
  // output = data[start : end : step] along some axes
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'starts', kind: 'required', known: true },
    { name: 'ends', kind: 'required', known: true },
    { name: 'axes', kind: 'optional', known: true },
    { name: 'steps', kind: 'optional', known: true },
  ],
  infer: (context) => {
    const { dtype, shape } = context.inputs.data!;
    const sizes = [...shape];
    for (const { axis, size } of sliceRanges(context)) sizes[axis] = size;
    return { output: { dtype, shape: sizes } };
  },
  fold: (context) => {
    const data = knownOf(context, 'data');
    if (!data) return {};
    const ranges = sliceRanges(context).map(({ axis, start, step, size }) => {
      const [first, count] = [Number(start), Number(size)];
      const end = first + step * count;
      return { axis, start: first, end: end < 0 ? -Infinity : end, step };
    });
    return { output: foldSlice(data, ranges) };
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const output = sliceRanges(context).reduce<View | undefined>(
        (view, range) => view && sliced(context.extents, view, range),
        orderOf(context, 'data'),
      );
      return output && { output };
    },
  },
});
