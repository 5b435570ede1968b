import { foldConstantOfShape } from '../../extent/fold.ts';
import type { Operator } from '../../ir.ts';
import { broadcast as broadcastOrder } from '../../views/order.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { orderOf } from './as-shape.ts';
import { knownElements, knownOf } from './known.ts';

/** ONNX `Expand` (opset 13): the shapes of the input and `shape` broadcast to each other. */
export const expand: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Expand',
  // output = input, repeated along axes of size 1
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'shape', kind: 'required', known: true },
  ],
  infer: (context) => {
    const { dtype, shape } = context.inputs.input!;
    const target = knownElements(context, 'shape')!;
    return { output: { dtype, shape: broadcast(context, { input: shape, shape: target }) } };
  },
  fold: (context) => {
    const [input, shape] = [knownOf(context, 'input'), knownOf(context, 'shape')];
    const element = input?.contents.length === 1 ? input.contents[0] : undefined;
    return { output: shape && element !== undefined ? foldConstantOfShape(shape, element) : undefined };
  },
  view: {
    place: placeViews,
    outputs: (context) => ({
      output: broadcastOrder(orderOf(context, 'input'), context.outputs.output!.shape),
    }),
  },
});
