import { isOf } from '../../graph-index.ts';
import type { GraphContext, Node } from '../../ir.ts';
import { transposeOfWeight } from '../shape/transpose.ts';

/** A product of an input `[..., columns]` with a stored weight `[outputs, columns]`, as names of values. */
export interface WeightProduct {
  readonly input: string;
  readonly weight: string;
}

/**
 * What a node multiplies by a stored weight, which stands in the graph behind a `Transpose`: kernels read it as it is stored,
 * and nothing computes the transpose. `undefined` for other nodes.
 */
export function weightProduct(
  node: Node,
  { producer, weights, values }: Pick<GraphContext, 'producer' | 'weights' | 'values'>,
): WeightProduct | undefined {
  const { product } = node.operator;
  const view = product && producer.get(node.inputs[product.weight]!);
  if (!isOf(view, transposeOfWeight)) return undefined;
  const weight = view.inputs.data!;
  if (
    !weights[weight] ||
    values[weight]!.shape.length !== 2 ||
    String(view.attributes.perm ?? '1,0') !== '1,0'
  )
    return undefined;
  return { input: node.inputs[product!.input]!, weight };
}
