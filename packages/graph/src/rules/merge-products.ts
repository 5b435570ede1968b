import type { GraphContext, Region } from '../ir.ts';
import type { Edit, Rule } from '../rewrite.ts';
import type { Joinable, WeightExpression } from '../weights/weight-expression.ts';
import { type BiasedProduct, biasedProduct } from './biased-product.ts';

/**
 * Products of one input whose weights may be joined become one, with the rows of their weights below one another and a
 * region of columns for each; biases are joined likewise. Columns come in fours, so rows must.
 */
export const mergeProducts = (joinable: Joinable): Rule => ({
  name: 'merge-products',
  apply(node, context) {
    const { weights, consumers, kept } = context;
    const first = biasedProduct(node, context);
    if (!first) return undefined;
    const parts = [...consumers.get(first.input)!].flatMap((sibling) => {
      const part = biasedProduct(sibling, context);
      const fits =
        part?.input === first.input &&
        part.rows % 4 === 0 &&
        !kept.has(part.result) &&
        joinable([weights[first.weight]!, weights[part.weight]!]);
      return fits ? [part] : [];
    });
    return parts.length > 1 && parts.some((part) => part.node === node) ? merged(parts, context) : undefined;
  },
});

function merged(parts: readonly BiasedProduct[], { weights, values }: GraphContext): Edit {
  const joined = (names: readonly string[]): string => names.join(' + ');
  const [first] = parts as readonly [BiasedProduct];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const weight = joined(parts.map((part) => part.weight));
  const name = joined(parts.map(({ node }) => node.name));
  const [transposed, product, biased] = [`${weight} transposed`, `${name} product`, `${name} biased`];
  const biases = parts.flatMap(({ bias }) => bias ?? []);
  const bias = joined(biases.map((each) => each.weight));
  let end = 0;
  const regions = parts.map((part): Region => {
    const from = end;
    end += part.rows;
    const argument = { value: part.result, columns: [from, end], ...(bias && { of: biased }) } as const;
    return { arguments: [argument], nodes: [], results: [part.result] };
  });
  const biasing = biases.slice(0, 1).map(({ node }): Region => ({
    arguments: [{ value: product }],
    nodes: [{ ...node, name: biased, inputs: { A: product, B: bias }, outputs: { C: biased } }],
    results: [],
  }));
  const concatenated = (of: (part: BiasedProduct) => WeightExpression): WeightExpression => ({
    kind: 'concat-rows',
    parts: parts.map(of),
  });
  const columns = Number(values[first.weight]!.shape[1]);
  return {
    remove: [...parts, ...biases].map(({ node }) => node),
    add: [
      { ...first.view, name: weight, inputs: { data: weight }, outputs: { transposed } },
      {
        ...first.node,
        name,
        inputs: { ...first.node.inputs, [first.node.operator.product!.weight]: transposed },
        outputs: { Y: product },
        absorbed: { epilogue: [...biasing, ...regions] },
      },
    ],
    weights: {
      [weight]: { shape: [rows, columns], expression: concatenated((part) => weights[part.weight]!) },
      ...(bias && {
        [bias]: {
          shape: [rows],
          expression: concatenated((part) =>
            part.bias ? weights[part.bias.weight]! : { kind: 'zeros', rows: part.rows },
          ),
        },
      }),
    },
  };
}
