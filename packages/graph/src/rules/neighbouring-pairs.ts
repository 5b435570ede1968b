import { isOf } from '../graph-index.ts';
import type { GraphContext, Node } from '../ir.ts';
import { cachedAttention } from '../operators/attention/cached-attention.ts';
import { rotaryEmbeddingOfTokens } from '../operators/attention/rotary-embedding.ts';
import { appendCache } from '../operators/cache/append-cache.ts';
import type { Edit, Rule } from '../rewrite.ts';
import type { HasRows } from '../weights/weight-expression.ts';
import { biasedProduct, onlyReader } from './biased-product.ts';

/**
 * Rotary pairs (i, i + rotary / 2) of queries and keys become neighbours, which a product's epilogue can turn: by the order of
 * the rows that make them, of weights and biases. Queries and keys are reordered alike, so scores stay the same. Weights in formats
 * without rows stay as they are.
 */
export const neighbouringPairs = (hasRows: HasRows): Rule => ({
  name: 'neighbouring-pairs',
  apply(node, context) {
    if (!isOf(node, cachedAttention)) return undefined;
    const { cache, Q } = node.inputs as Record<'cache' | 'Q', string>;
    const append = context.producer.get(cache);
    if (!isOf(append, appendCache) || context.consumers.get(cache)!.size > 1) return undefined;
    const [query, key] = [Q, append.inputs.K!].map((value) => reordered(value, context, hasRows));
    const alike = ['cos_cache', 'sin_cache'].every(
      (role) => query?.turn.inputs[role] === key?.turn.inputs[role],
    );
    if (!query || !key || !alike) return undefined;
    return {
      remove: [...query.remove, ...key.remove],
      add: [...query.add, ...key.add],
      weights: { ...query.weights, ...key.weights },
    };
  },
});

/**
 * What turns a value, made of rows in the other order; `undefined` where it is not made of a stored weight alone. A norm of each head
 * may stand between: its gains are reordered, too.
 */
function reordered(
  value: string,
  context: GraphContext,
  hasRows: HasRows,
): (Edit & { readonly turn: Node }) | undefined {
  const { producer, values, weights } = context;
  const turn = producer.get(value);
  if (
    !isOf(turn, rotaryEmbeddingOfTokens) ||
    turn.attributes.interleaved === 1 ||
    !onlyReader(context, value)
  )
    return undefined;
  const heads = Number(turn.attributes.num_heads);
  const before = producer.get(turn.inputs.X!);
  const groupwise = before?.operator.groupwise;
  const norms = groupwise && before.attributes[groupwise.groups] === heads ? [before] : [];
  const made = norms[0]?.inputs[groupwise!.input] ?? turn.inputs.X!;
  const gains = norms.flatMap(({ inputs }) => groupwise!.vectors.flatMap((role) => inputs[role] ?? []));
  const source = producer.get(made);
  const part = [source, ...Object.values(source?.inputs ?? {}).map((name) => producer.get(name))]
    .flatMap((node) => (node && biasedProduct(node, context)) ?? [])
    .find(({ result }) => result === made);
  const inner = [made, turn.inputs.X!, ...gains];
  if (!part || !inner.every((name) => onlyReader(context, name)) || !gains.every((name) => weights[name]))
    return undefined;
  const { weight, view, rows, bias } = part;
  if (!hasRows(weights[weight]!)) return undefined;
  const rotary = 2 * Number(values[turn.inputs.cos_cache!]!.shape[1]);
  const headSize = rows / heads;
  // An epilogue sees four neighbouring columns, which must not belong to two heads.
  if (headSize % 4 !== 0 || rotary % 4 !== 0) return undefined;
  const biases = bias ? [bias] : [];
  /** Heads of each vector and matrix that is reordered. */
  const reorderedHeads = new Map([
    ...[{ weight }, ...biases].map((each) => [each.weight, heads] as const),
    ...gains.map((name) => [name, 1] as const),
  ]);
  const paired = (name: string): string => (reorderedHeads.has(name) ? `${name} by pairs` : name);
  const readers = [view, ...biases.map(({ node }) => node), ...norms];
  return {
    turn,
    remove: [turn, ...readers],
    add: [
      ...readers.map((node) => ({
        ...node,
        inputs: Object.fromEntries(Object.entries(node.inputs).map(([role, name]) => [role, paired(name)])),
      })),
      { ...turn, attributes: { ...turn.attributes, interleaved: 1 } },
    ],
    weights: Object.fromEntries(
      [...reorderedHeads].map(([name, count]) => [
        paired(name),
        {
          shape: values[name]!.shape as readonly number[],
          expression: {
            kind: 'permute-rows',
            permutation: pairOrder(count, headSize, rotary),
            of: weights[name]!,
          },
        },
      ]),
    ),
  };
}

/** Row order in which the channels i and i + rotary / 2 of each head stand side by side. */
function pairOrder(heads: number, headSize: number, rotary: number): number[] {
  const permutation: number[] = [];
  for (let head = 0; head < heads; head++) {
    const start = head * headSize;
    for (let i = 0; i < rotary / 2; i++) permutation.push(start + i, start + i + rotary / 2);
    for (let i = rotary; i < headSize; i++) permutation.push(start + i);
  }
  return permutation;
}
