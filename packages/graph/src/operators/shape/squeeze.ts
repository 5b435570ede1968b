import { foldUnchanged } from '../../extent/fold.ts';
import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode, sameSize } from '../shapes.ts';
import { asShape } from './as-shape.ts';
import { knownAxes, knownNumbers, knownOf } from './known.ts';

/** ONNX `Squeeze` (opset 25): without the axes named, which have one place; without `axes`, without all that have one. */
export const squeeze: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Squeeze',
  // squeezed = data without axes of size 1
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'axes', kind: 'optional', known: true },
  ],
  infer: (context) => {
    const { subject, inputs } = context;
    const { dtype, shape } = inputs.data!;
    const axes = knownNumbers(context, 'axes');
    if (!axes && shape.some((size) => typeof size !== 'number'))
      throw badNode(
        subject,
        `it names no axes, and 'data' has shape ${printShape(shape)}`,
        'sizes that only a run knows may be 1 or not, so the axes must be named',
      );
    const gone = knownAxes(
      context,
      axes ?? shape.flatMap((size, axis) => (size === 1 ? [axis] : [])),
      shape.length,
    );
    for (const axis of gone) sameSize(context, `the size of axis ${axis}`, shape[axis], 1);
    return { squeezed: { dtype, shape: shape.filter((_, axis) => !gone.includes(axis)) } };
  },
  fold: (context) => {
    const data = knownOf(context, 'data');
    return { squeezed: data && foldUnchanged(data) };
  },
  view: { place: placeViews, outputs: (context) => asShape(context, 'data', 'squeezed') },
});
