import { foldUnchanged } from '../../extent/fold.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { asShape } from './as-shape.ts';
import { knownAxes, knownNumbers, knownOf } from './known.ts';

/** ONNX `Unsqueeze` (opset 25): with axes of one place at the places of the result that `axes` names. */
export const unsqueeze: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Unsqueeze',
  // expanded = data with further axes of size 1
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'axes', kind: 'required', known: true },
  ],
  infer: (context) => {
    const { dtype, shape } = context.inputs.data!;
    const axes = knownNumbers(context, 'axes')!;
    const rank = shape.length + axes.length;
    const added = knownAxes(context, axes, rank);
    const sizes = shape.values();
    return {
      expanded: {
        dtype,
        shape: Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : sizes.next().value!)),
      },
    };
  },
  fold: (context) => {
    const data = knownOf(context, 'data');
    return { expanded: data && foldUnchanged(data) };
  },
  view: { place: placeViews, outputs: (context) => asShape(context, 'data', 'expanded') },
});
