import type { GraphContext, Node } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { gemm } from '../operators/products/gemm.ts';
import { matMul } from '../operators/products/mat-mul.ts';
import { transpose } from '../operators/shape/transpose.ts';
import type { Edit, Rule } from '../rewrite.ts';
import { transposedMatrix } from '../weights/transposed.ts';
import type { WeightExpression } from '../weights/weight-expression.ts';

/**
 * A weight `[inputs, outputs]`, as ONNX files store it, is transposed when weights are prepared: its product then is one of a stored weight
 * `[outputs, inputs]`, which is merged, compressed and read by the kernels made for weights. For graphs read from files; see
 * {@link WeightFacts.rules}.
 */
export const transposeWeights: Rule = {
  name: 'transpose-weights',
  apply(node, context) {
    const weight = node.inputs.B;
    if (node.operator.id === gemm.id) return ofGemm(node, context);
    if (node.operator.id !== matMul.id || weight === undefined || !isMatrix(weight, context))
      return undefined;
    const { rows, weights } = turned(weight, context);
    const view = {
      name: `${node.name}.weight`,
      operator: transpose,
      inputs: { data: rows },
      outputs: { transposed: `${node.name}.weight` },
      attributes: {},
    };
    return {
      remove: [node],
      add: [view, { ...node, inputs: { ...node.inputs, B: view.outputs.transposed } }],
      weights,
    };
  },
};

/** The nodes that a product with a weight and a bias is made of, so that they are merged with their like. */
function ofGemm(node: Node, context: GraphContext): Edit | undefined {
  const { B } = node.inputs as { readonly B: string };
  if (!isMatrix(B, context)) return undefined;
  const complete = completeNode(node);
  if (complete.attributes.transB === 1) return { remove: [node], add: gemm.expand!(complete, context)! };
  const { rows, weights } = turned(B, context);
  const product = {
    ...complete,
    inputs: { ...node.inputs, B: rows },
    attributes: { ...complete.attributes, transB: 1 },
  };
  return { remove: [node], add: gemm.expand!(product, context)!, weights };
}

const isMatrix = (value: string, { weights, values }: GraphContext): boolean =>
  weights[value] !== undefined && values[value]!.shape.length === 2;

/** A weight with rows for columns; one for all that read it. */
function turned(
  weight: string,
  { weights, values }: GraphContext,
): { readonly rows: string; readonly weights: NonNullable<Edit['weights']> } {
  const rows = `${weight}.transposed`;
  const shape = (values[weight]!.shape as readonly number[]).toReversed();
  const expression: WeightExpression = {
    kind: 'made',
    of: weights[weight]!,
    make: (tensor) => transposedMatrix(tensor, weight),
  };
  return { rows, weights: { [rows]: { expression, shape } } };
}
