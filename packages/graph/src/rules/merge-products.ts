import type { GraphContext, Node, Region } from '../ir.ts';
import type { Edit, Rule } from '../rewrite.ts';
import type { Joinable } from '../weights/weight-expression.ts';
import { type BiasedProduct, biasedProduct, onlyReader } from './biased-product.ts';
import { joinedWeight } from './joined-weight.ts';

/** Results of one product: with what it reads they fit the eight buffers that every device binds. */
const mostParts = 5;

/**
 * Products of one input whose weights may be joined become one, with the rows of their weights below one another and a
 * region of columns for each; biases are joined likewise. Columns come in fours, so rows must. Two that meet in a formula stay by
 * themselves: it moves in behind both, if they have no biases.
 */
export const mergeProducts = (joinable: Joinable): Rule => ({
  name: 'merge-products',
  apply(node, context) {
    const { weights, consumers, kept } = context;
    const own = biasedProduct(node, context);
    if (!own || own.rows % 4 !== 0) return undefined;
    const parts = [...consumers.get(own.input)!].flatMap((sibling) => {
      const part = biasedProduct(sibling, context);
      const fits =
        part?.input === own.input &&
        part.rows % 4 === 0 &&
        !kept.has(part.result) &&
        joinable([weights[own.weight]!, weights[part.weight]!]);
      return fits ? [part] : [];
    });
    const meeting = ({ result }: BiasedProduct): Node | undefined => {
      const reader = onlyReader(context, result);
      const values = new Set(Object.values(reader?.inputs ?? {}));
      const both = values.size === 2 && parts.filter((part) => values.has(part.result)).length === 2;
      return both && reader!.operator.absorption?.expression ? reader : undefined;
    };
    const formula = meeting(own);
    const group = parts.filter((part) => meeting(part) === formula).slice(0, mostParts);
    return group.length < 2 || (formula && group.some(({ bias }) => bias))
      ? undefined
      : merged(group, context);
  },
});

function merged(parts: readonly BiasedProduct[], { weights, values }: GraphContext): Edit {
  const joined = (names: readonly string[]): string => names.join(' + ');
  const [first] = parts as readonly [BiasedProduct];
  const { view, transposed, weights: joinedRows } = joinedWeight(parts, { weights, values });
  const name = joined(parts.map(({ node }) => node.name));
  const [product, biased] = [`${name} product`, `${name} biased`];
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
  return {
    remove: [...parts, ...biases].map(({ node }) => node),
    add: [
      view,
      {
        ...first.node,
        name,
        inputs: { ...first.node.inputs, [first.node.operator.product!.weight]: transposed },
        outputs: { Y: product },
        absorbed: { epilogue: [...biasing, ...regions] },
      },
    ],
    weights: {
      ...joinedRows,
      ...(bias && {
        [bias]: {
          shape: [end],
          expression: {
            kind: 'concat-rows',
            parts: parts.map((part) =>
              part.bias ? weights[part.bias.weight]! : { kind: 'zeros', rows: part.rows },
            ),
          },
        },
      }),
    },
  };
}
