import type { Operator } from '../../ir.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode } from '../shapes.ts';
import { orderOf } from './as-shape.ts';

/** ONNX `Transpose` (opset 25): axis `i` of the result is axis `perm[i]` of the input; without `perm` the axes are reversed. */
export const transpose: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Transpose',
  // transposed[i, j, …] = data with its axes in another order
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: { perm: { type: 'integers', default: null } },
  infer: ({ subject, inputs, attributes }) => {
    const { dtype, shape } = inputs.data!;
    const order = axesInOrder(subject, attributes.perm, shape.length);
    return { transposed: { dtype, shape: order.map((axis) => shape[axis]!) } };
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const order = orderOf(context, 'data');
      const axes = axesInOrder(context.subject, context.attributes.perm, order.axes.length);
      return { transposed: { ...order, axes: axes.map((axis) => order.axes[axis]!) } };
    },
  },
});

/**
 * The same operator for a stored weight `[rows, columns]`, whose axes it reverses: products read the weight as it is stored,
 * so nothing computes this, and a graph that has no other views carries nothing that knows of them.
 */
export const transposeOfWeight: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Transpose',
  inputs: [{ name: 'data', kind: 'required' }],
  infer: ({ inputs }) => ({ transposed: { ...inputs.data!, shape: inputs.data!.shape.toReversed() } }),
  lower: (node, { consumers, kept }) => {
    const value = node.outputs.transposed!;
    if (kept.has(value) || [...(consumers.get(value) ?? [])].some(({ operator }) => !operator.product))
      throw badNode(node.name, 'what is no product reads it', 'build it with `transpose`');
    return undefined;
  },
});

function axesInOrder(subject: string, perm: readonly number[] | null, rank: number): readonly number[] {
  const axes = Array.from({ length: rank }, (_, i) => i);
  const order = perm ?? axes.toReversed();
  if (order.length === rank && axes.every((axis) => order.includes(axis))) return order;
  throw badNode(
    subject,
    `the attribute 'perm' is ${JSON.stringify(perm)}`,
    `it must list the axes 0 to ${rank - 1}, each once`,
  );
}
