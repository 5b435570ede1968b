import { isOf } from '../graph-index.ts';
import type { GraphIndex, Node, Operator, Region } from '../ir.ts';
import { cachedAttention } from '../operators/attention/cached-attention.ts';
import { rope } from '../operators/attention/rope.ts';
import { cacheWrite } from '../operators/cache/cache-write.ts';
import { linear } from '../operators/products/linear.ts';
import type { Rule } from '../rewrite.ts';
import type { Joinable, WeightExpression } from '../weights/weight-expression.ts';

/**
 * Query, key and value projections of one input, with rotary embedding and cache writes behind them, become one
 * product with stacked weights, with a region for each. Query and key rows are permuted per head so that rotary pairs (i, i + rotary/2)
 * are neighbours; queries and keys turn alike, so scores stay the same.
 */
export const mergeQueryKeyValue = (joinable: Joinable): Rule => ({
  name: 'merge-query-key-value',
  apply(node, context) {
    if (!isOf(node, cachedAttention)) return undefined;
    const keyWrite = producerOf(context, node.inputs.key, cacheWrite);
    const valueWrite = producerOf(context, node.inputs.value, cacheWrite);
    const queryTurn = producerOf(context, node.inputs.q, rope);
    const keyTurn = keyWrite && producerOf(context, keyWrite.inputs.update, rope);
    if (!keyWrite || !valueWrite || !queryTurn || !keyTurn) return undefined;
    const query = producerOf(context, queryTurn.inputs.x, linear);
    const key = producerOf(context, keyTurn.inputs.x, linear);
    const value = producerOf(context, valueWrite.inputs.update, linear);
    if (!query || !key || !value) return undefined;
    const linears = [query, key, value];
    const chain = [...linears, queryTurn, keyTurn, keyWrite, valueWrite];
    const halves = [queryTurn, keyTurn].every(({ attributes }) => !attributes.interleaved);
    const sameInput = linears.every((each) => each.inputs.x === query.inputs.x && !each.absorbed);
    const samePositions = [queryTurn, keyTurn].every(
      (each) =>
        each.inputs.table === queryTurn.inputs.table && each.inputs.positions === keyWrite.inputs.positions,
    );
    const inner = [...linears, queryTurn, keyTurn].every((each) => hasOneReader(context, each));
    if (
      !halves ||
      !sameInput ||
      !samePositions ||
      !inner ||
      valueWrite.inputs.positions !== keyWrite.inputs.positions
    )
      return undefined;

    const heads = Number(node.attributes.heads);
    const kvHeads = Number(node.attributes.kvHeads);
    const headSize = Number(context.values[keyWrite.inputs.past!]!.shape[3]);
    const rotary = 2 * Number(context.values[queryTurn.inputs.table!]!.shape[1]);
    const weightOf = (each: Node): WeightExpression | undefined => context.weights[each.inputs.weight!];
    // The product's epilogue stores four neighbouring columns, which must not belong to two heads.
    if (headSize % 4 !== 0 || rotary % 4 !== 0) return undefined;
    const [wq, wk, wv] = linears.map(weightOf);
    if (!wq || !wk || !wv || !joinable([wq, wk, wv])) return undefined;
    const name = query.inputs.weight!.replace(/\bq_proj\b/, 'qkv_proj');
    const weight = name === query.inputs.weight ? `${name}.qkv` : name;
    const [endQ, endK] = [heads * headSize, (heads + kvHeads) * headSize];
    const columns = endK + kvHeads * headSize;
    const shape = [columns, Number(context.values[query.inputs.weight!]!.shape[1])];
    const pairs = (of: WeightExpression, count: number): WeightExpression => ({
      kind: 'permute-rows',
      permutation: neighbouringPairs(count, headSize, rotary),
      of,
    });
    const region = (product: Node, from: number, to: number, nodes: readonly Node[]): Region => ({
      arguments: [{ value: product.outputs.y!, columns: [from, to] }],
      nodes,
      results: Object.values(nodes.at(-1)!.outputs),
    });
    // Pairs that turn together are neighbours now.
    const turning = (turn: Node): Node => ({ ...turn, attributes: { ...turn.attributes, interleaved: 1 } });
    const product: Node = {
      name: query.name,
      operator: linear,
      inputs: { x: query.inputs.x!, weight },
      outputs: { y: `${query.name}.product` },
      attributes: {},
      absorbed: {
        epilogue: [
          region(query, 0, endQ, [turning(queryTurn)]),
          region(key, endQ, endK, [turning(keyTurn), keyWrite]),
          region(value, endK, columns, [valueWrite]),
        ],
      },
    };
    return {
      remove: chain,
      add: [product],
      weights: {
        [weight]: {
          shape,
          expression: { kind: 'concat-rows', parts: [pairs(wq, heads), pairs(wk, kvHeads), wv] },
        },
      },
    };
  },
});

/** Row order in which the channels i and i + rotary/2 of each head stand side by side. */
function neighbouringPairs(heads: number, headSize: number, rotary: number): number[] {
  const permutation: number[] = [];
  for (let head = 0; head < heads; head++) {
    const start = head * headSize;
    for (let i = 0; i < rotary / 2; i++) permutation.push(start + i, start + i + rotary / 2);
    for (let i = rotary; i < headSize; i++) permutation.push(start + i);
  }
  return permutation;
}

export function producerOf(
  index: GraphIndex,
  value: string | undefined,
  operator: Operator,
): Node | undefined {
  const node = value === undefined ? undefined : index.producer.get(value);
  return isOf(node, operator) ? node : undefined;
}

export function hasOneReader(index: GraphIndex, node: Node): boolean {
  const [value, ...more] = Object.values(node.outputs);
  return more.length === 0 && index.consumers.get(value!)?.size === 1 && !index.kept.has(value!);
}
