import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode } from '../shapes.ts';
import { orderOf } from './as-shape.ts';
import { knownElements } from './known.ts';

/** ONNX `Tile` (opset 13): the whole again and again along each axis, as often as `repeats` says. */
export const tile: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Tile',
  // output = input, repeated along its axes
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'repeats', kind: 'required', known: true },
  ],
  infer: (context) => {
    const { dtype, shape } = context.inputs.input!;
    const repeats = knownElements(context, 'repeats')!;
    if (repeats.length !== shape.length)
      throw badNode(
        context.subject,
        `it has ${repeats.length} repeats`,
        `there must be one for each of ${shape.length} axes`,
      );
    const sizes = shape.map((size, axis) => productOf(context.extents, size, repeats[axis]!));
    return { output: { dtype, shape: sizes } };
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const view = orderOf(context, 'input');
      const repeats = knownElements(context, 'repeats')!;
      const axes = view.axes.map((digits, axis) => [{ size: repeats[axis]!, stride: 0 }, ...digits]);
      return { output: { ...view, axes } };
    },
  },
});
