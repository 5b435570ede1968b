import type { GraphContext, Node } from '../ir.ts';
import type { Edit } from '../rewrite.ts';
import type { BiasedProduct } from './biased-product.ts';

/** One weight of the rows of several, below one another, and the transpose through which a product reads it. */
export function joinedWeight(
  parts: readonly BiasedProduct[],
  { weights, values }: Pick<GraphContext, 'weights' | 'values'>,
): { readonly view: Node; readonly transposed: string; readonly weights: NonNullable<Edit['weights']> } {
  const [first] = parts as readonly [BiasedProduct];
  const weight = parts.map((part) => part.weight).join(' + ');
  const transposed = `${weight} transposed`;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns = Number(values[first.weight]!.shape[1]);
  return {
    view: { ...first.view, name: weight, inputs: { data: weight }, outputs: { transposed } },
    transposed,
    weights: {
      [weight]: {
        shape: [rows, columns],
        expression: { kind: 'concat-rows', parts: parts.map((part) => weights[part.weight]!) },
      },
    },
  };
}
