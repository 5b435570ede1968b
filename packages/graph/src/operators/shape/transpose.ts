import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementwiseRequest, stridedOperand } from '../pointwise/elementwise-request.ts';
import { badNode, numbersOf } from '../shapes.ts';

/** ONNX `Transpose`: axis `i` of the result is axis `perm[i]` of the input; without `perm` the axes are reversed. */
export const transpose: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Transpose',
  summary: 'transposed[i, j, …] = data with its axes in another order',
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: { perm: { type: 'integers', default: null } },
  infer: ({ subject, inputs, attributes }) => {
    const { dtype, shape } = inputs.data!;
    const order = axesInOrder(subject, attributes.perm, shape.length);
    return { transposed: { dtype, shape: order.map((axis) => shape[axis]!) } };
  },
  lower: (node, context) => {
    const data = context.values[node.inputs.data!]!.shape;
    const { shape } = context.values[node.outputs.transposed!]!;
    const order = axesInOrder(node.name, node.attributes.perm, data.length);
    const sizes = numbersOf(node.name, 'data', data.slice(1));
    const strideOf = (axis: number): number => sizes.slice(axis).reduce((product, size) => product * size, 1);
    return elementwiseRequest(node, context, {
      expression: 'data',
      operands: {
        data: stridedOperand(node.name, data, shape, order.map(strideOf)),
      },
      output: 'transposed',
    });
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
