import { productOf } from '../../extent/index.ts';
import type { InferContext, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { rowInputs, sequenceStep } from '../sequences/sequence-places.ts';
import { rowsOfSequences } from '../sequences/sequences.ts';
import { badNode, rank, sameSize } from '../shapes.ts';
import {
  packedAttention,
  packedAttributes,
  type PackedAttributes,
  packedInputs,
} from './packed-attention.ts';

/** Sizes of queries and of what a cache holds. Throws `bad-graph` where they do not fit. */
function checkSizes(context: InferContext<PackedAttributes>, Q: ValueType, cache: ValueType): number {
  const { subject, attributes } = context;
  const { q_num_heads: heads } = attributes;
  rank(subject, 'Q', Q, 3);
  rank(subject, 'cache', cache, 4);
  sameSize(context, 'the batch of Q', Q.shape[0], 1);
  const [, kvHeads, , size] = cache.shape as [number, number, number, number];
  const keySize = Number(Q.shape[2]) / heads;
  if (!Number.isInteger(keySize) || keySize >= size)
    throw badNode(
      subject,
      `Q is ${String(Q.shape[2])} wide with ${heads} heads`,
      `the heads divide it, into less than the ${size} channels of a key and a value together`,
    );
  if (heads % kvHeads !== 0)
    throw badNode(
      subject,
      `${heads} query heads share ${kvHeads} key heads`,
      'the first must be a multiple of the second',
    );
  return size - keySize;
}

/**
 * Y = softmax(scale · Q · keysᵀ, soft-capped, biased, masked) · values.
 *
 * Causal attention of packed queries `[1, tokens, heads · key size]` to the positions of a cache, this step's among them; see
 * `AppendCache`. `left_window_size` keys before its own position are seen by a query, all of them with -1. `bias` and `mask` are made by
 * `biasOperator` and `maskOperator`. `keys` is the symbol of how many positions there are in all rows, `scale` 1/√(key size) where it is
 * left out.
 */
export const cachedAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CachedAttention',
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'cache', kind: 'required' },
    { name: 'sequences', kind: 'required' },
    ...packedInputs,
  ],
  attributes: packedAttributes,
  infer: (context) => {
    const { subject, inputs, extents, attributes } = context;
    const { Q, cache, sequences } = inputs as Record<'Q' | 'cache' | 'sequences', ValueType>;
    const valueSize = checkSizes(context, Q, cache);
    sameSize(context, 'the number of sequences', rowsOfSequences(subject, sequences), cache.shape[0]);
    const width = productOf(extents, attributes.q_num_heads, valueSize);
    return { Y: { dtype: Q.dtype, shape: [1, Q.shape[1]!, width] } };
  },
  place: (node, place, format, values) => {
    const {
      Q,
      cache: _cache,
      sequences,
      ...more
    } = node.inputs as Record<'Q' | 'sequences' | 'cache', string>;
    const step = sequenceStep(sequences, values[Q]!.shape[1]!, place);
    const { nodes, K, V } = format.read({ ...place, ...step, window: node.attributes.left_window_size });
    const inputs = { Q, K, V, ...rowInputs(step, place), ...more };
    return { nodes: [...nodes, { ...node, operator: packedAttention, inputs }] };
  },
  expand: ({ name }) => {
    throw badNode(name, 'its cache is not a state that has a format', 'builder.cache declares one');
  },
});
