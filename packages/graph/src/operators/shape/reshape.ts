import { foldUnchanged } from '../../extent/fold.ts';
import { printShape } from '../../extent/index.ts';
import { reshapedShape } from '../../extent/shapes.ts';
import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode } from '../shapes.ts';
import { asShape } from './as-shape.ts';
import { knownElements, knownOf } from './known.ts';

/**
 * ONNX `Reshape` (opset 25): the same elements in the shape that `shape` says. There, −1 stands once for what is left, and 0 for the
 * size at the same place, or with `allowzero` for an axis of none.
 */
export const reshape: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Reshape',
  // reshaped = data in another shape
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'shape', kind: 'required', known: true },
  ],
  attributes: { allowzero: { type: 'integer', default: 0, choices: [0, 1] } },
  infer: (context) => {
    const { subject, inputs, attributes, extents, mustEqual } = context;
    const { dtype, shape } = inputs.data!;
    const target = knownElements(context, 'shape')!;
    const fail = (problem: string, requirement: string): never => {
      throw badNode(subject, problem, requirement);
    };
    if (target.filter((size) => size === -1).length > 1)
      fail(`the new shape is ${printShape(target)}`, '−1 stands once for what is left');
    const derived = reshapedShape(extents, shape, target, { allowZero: attributes.allowzero === 1 });
    if ('contradiction' in derived)
      return fail(
        `the new shape is ${printShape(target)}`,
        `it must have the elements of ${printShape(shape)}`,
      );
    for (const [a, b] of derived.undecided) mustEqual(a, b);
    return { reshaped: { dtype, shape: derived.shape } };
  },
  fold: (context) => {
    const data = knownOf(context, 'data');
    return { reshaped: data && foldUnchanged(data) };
  },
  view: { place: placeViews, outputs: (context) => asShape(context, 'data', 'reshaped') },
});
