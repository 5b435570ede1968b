import { plainDecodeAttention } from '@tilewright/kernels/decode-attention';
import { plainFlashAttention } from '@tilewright/kernels/flash-attention';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { attentionRequest, fewQueries, scoreFlops } from './attention-request.ts';
import { attendedType, attentionSizes, onnxAttributes } from './attention-sizes.ts';
import { memoryOrder } from './heads.ts';

/** Attention without a cache of its own: `past_tokens` of the keys came before the queries. */
export const fusedAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'FusedAttention',
  // Y = softmax(scale · Q · Kᵀ, soft-capped, masked) · V
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'attn_mask', kind: 'optional' },
    { name: 'nonpad_kv_seqlen', kind: 'optional' },
  ],
  attributes: { ...onnxAttributes, past_tokens: { type: 'integer', default: 0 } },
  infer: (context) => {
    const { q, v } = attentionSizes(context, undefined);
    return { Y: attendedType(context.inputs.Q!, q, v!) };
  },
  lower: (node, context) => {
    const { sizes, axes, scalars, options, slots, ...request } = attentionRequest(node, context);
    const { q, v, keys } = sizes;
    const bindings = {
      ...request.bindings,
      v: node.inputs.V!,
      y: node.outputs.Y!,
    };
    return {
      kernels:
        axes.queries! <= fewQueries
          ? [plainDecodeAttention, plainFlashAttention]
          : [plainFlashAttention, plainDecodeAttention],
      problem: {
        axes: { ...axes, value_size: v!.size },
        dtypes: dtypesOf(context, bindings),
        options: {
          ...options,
          v_strides: memoryOrder(v!),
          y_strides: memoryOrder(q),
        },
        scalars,
        slots,
      },
      bindings,
      sizes: { batch: q.batch, queries: q.tokens, keys },
      flops: scoreFlops(sizes, 2 * (q.size + v!.size)),
    };
  },
});
