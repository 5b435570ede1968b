import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { axisOf } from '../shapes.ts';
import { asShape } from './as-shape.ts';

/** ONNX `Flatten` (opset 25): a matrix, of the axes before `axis` and of those from it on. */
export const flatten: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Flatten',
  // output = input as a matrix
  inputs: [{ name: 'input', kind: 'required' }],
  attributes: { axis: { type: 'integer', default: 1 } },
  infer: ({ subject, inputs, attributes, extents }) => {
    const { dtype, shape } = inputs.input!;
    const { axis } = attributes;
    const first = axis === shape.length ? axis : axisOf(subject, axis, shape.length);
    const sizes = [shape.slice(0, first), shape.slice(first)].map((part) => productOf(extents, ...part));
    return { output: { dtype, shape: sizes } };
  },
  view: { place: placeViews, outputs: (context) => asShape(context, 'input', 'output') },
});
