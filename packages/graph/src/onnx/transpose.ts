import type { Lower } from '../lowering/lowering.ts';
import { badNode, type Operator } from '../operators/operator.ts';
import { elementwiseRequest, stridedOperand } from './pointwise.ts';
import { headsOf } from './heads.ts';
import { numbersOf } from './shape.ts';

/** ONNX `Transpose`: axis `i` of the result is axis `perm[i]` of the input; without `perm` the axes are reversed. */
export const transpose: Operator = {
  name: 'Transpose',
  summary: 'transposed[i, j, …] = data with its axes in another order',
  inputs: ['data'],
  infer: (context) => {
    const { dtype, shape } = context.inputs.data!;
    return {
      transposed: { dtype, shape: permutation(context, shape.length).map((axis) => shape[axis]!) },
    };
  },
};

function permutation(
  { subject, attributes }: Pick<Parameters<Operator['infer']>[0], 'subject' | 'attributes'>,
  rank: number,
): readonly number[] {
  const axes = Array.from({ length: rank }, (_, i) => i);
  const { perm = axes.toReversed() } = attributes;
  if (Array.isArray(perm) && perm.length === rank && axes.every((axis) => perm.includes(axis))) return perm;
  throw badNode(
    subject,
    `the attribute 'perm' is ${JSON.stringify(perm)}`,
    `it must list the axes 0 to ${rank - 1}, each once`,
  );
}

export const lowerTranspose: Lower = (node, context) => {
  const own = context.graph.values[node.inputs.data!]!.shape;
  const { shape } = context.graph.values[node.outputs.transposed!]!;
  const order = permutation({ subject: node.name, attributes: node.attributes }, own.length);
  const sizes = numbersOf(node.name, 'data', own.slice(1));
  const strideOf = (axis: number): number => sizes.slice(axis).reduce((product, size) => product * size, 1);
  return elementwiseRequest(node, context, {
    expression: 'data',
    operands: { data: stridedOperand(node, own, shape, order.map(strideOf)) },
    output: 'transposed',
  });
};

/**
 * A copy of keys or values in the form of a cache: `[batch, heads, tokens, size]`, of that or of packed
 * `[batch, tokens, heads · size]`.
 */
export const splitHeads: Operator = {
  name: 'SplitHeads',
  summary: 'y = x as [batch, heads, tokens, size]',
  inputs: ['x'],
  infer: (context) => {
    const x = headsOf(context.subject, 'x', context.inputs.x!, context.attributes.heads);
    return { y: { dtype: context.inputs.x!.dtype, shape: [x.batch, x.heads, x.tokens, x.size] } };
  },
};

export const lowerSplitHeads: Lower = (node, context) => {
  const type = context.graph.values[node.inputs.x!]!;
  const { heads, tokens, size, packed } = headsOf(node.name, 'x', type, node.attributes.heads);
  const { shape } = context.graph.values[node.outputs.y!]!;
  const [length] = packed ? numbersOf(node.name, 'x', [tokens]) : [0];
  const strides = [length! * heads * size, size, heads * size, 1];
  return elementwiseRequest(node, context, {
    expression: 'x',
    operands: { x: packed ? stridedOperand(node, type.shape, shape, strides) : 'full' },
    output: 'y',
  });
};
