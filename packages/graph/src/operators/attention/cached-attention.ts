import { type Extent, times } from '@tilewright/kernels';
import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, elementBytes, staticSize } from '../requests.ts';
import { badNode, rank, sameSize } from '../shapes.ts';
import { fewQueries } from './attention-request.ts';

/**
 * Scaled dot-product attention over caches, after ONNX `Attention` (opset 25) with an external cache:
 * q `[batch, tokens, heads · headSize]`, key and value `[batch, kvHeads, capacity, headSize]`, `lengths [batch]` the valid
 * keys after this step. Causal attention is aligned bottom-right: the last query sees all `lengths` keys. `keys` is the symbol of how many
 * are valid, `scale` is 1/√(head size) where it is left out.
 */
export const cachedAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CachedAttention',
  // y = softmax(scale · q · keyᵀ + mask) · value
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'key', kind: 'required' },
    { name: 'value', kind: 'required' },
    { name: 'lengths', kind: 'required' },
  ],
  attributes: {
    heads: { type: 'integer' },
    kvHeads: { type: 'integer' },
    keys: { type: 'string' },
    scale: { type: 'number', default: null },
  },
  infer: (context) => {
    const { subject, inputs, extents } = context;
    const { heads, kvHeads } = context.attributes;
    const { q, key, value } = inputs as Record<'q' | 'key' | 'value', (typeof inputs)[string]>;
    rank(subject, 'q', q, 3);
    rank(subject, 'key', key, 4);
    rank(subject, 'value', value, 4);
    sameSize(context, 'the width of q', q.shape[2], productOf(extents, heads, key.shape[3]!));
    sameSize(context, 'the number of key heads', key.shape[1], kvHeads);
    sameSize(context, 'the capacity of value', value.shape[2], key.shape[2]);
    for (const type of [key, value, inputs.lengths!])
      sameSize(context, 'the number of sequences in the cache', type.shape[0], q.shape[0]);
    if (heads % kvHeads !== 0)
      throw badNode(
        subject,
        `${heads} query heads share ${kvHeads} key heads`,
        'the first must be a multiple of the second',
      );
    return {
      y: {
        dtype: q.dtype,
        shape: [q.shape[0]!, q.shape[1]!, productOf(extents, heads, value.shape[3]!)],
      },
    };
  },
  lower: (node, context) => {
    const { heads, kvHeads, keys, scale } = node.attributes;
    const { extents } = context;
    const [batch, queries] = context.values[node.inputs.q!]!.shape as readonly [Extent, Extent, Extent];
    const capacity = staticSize(context, node.inputs.key!, 2);
    const headSize = staticSize(context, node.inputs.key!, 3);
    const valueSize = staticSize(context, node.inputs.value!, 3);
    const bindings = {
      q: node.inputs.q!,
      k: node.inputs.key!,
      v: node.inputs.value!,
      lengths: node.inputs.lengths!,
      y: node.outputs.y!,
    };
    const few = context.planned(queries) <= fewQueries;
    return {
      kernels: few ? [decodeAttention, flashAttention] : [flashAttention, decodeAttention],
      problem: {
        axes: {
          batch: context.planned(batch),
          queries: context.planned(queries),
          keys: capacity,
          heads,
          kv_heads: kvHeads,
          head_size: headSize,
          value_size: valueSize,
        },
        dtypes: dtypesOf(context, bindings),
        options: { causal: true, lengths: true, k_strides: 'bhsd', v_strides: 'bhsd' },
        ...(scale !== null && { scalars: { scale } }),
      },
      bindings,
      sizes: { batch, queries, keys: capacity },
      addressedBytes: {
        k: times(
          productOf(extents, batch, keys),
          kvHeads * headSize * elementBytes(context, node.inputs.key!),
        ),
        v: times(
          productOf(extents, batch, keys),
          kvHeads * valueSize * elementBytes(context, node.inputs.value!),
        ),
      },
      flops: times(productOf(extents, batch, queries, keys), 2 * heads * (headSize + valueSize)),
    };
  },
});
