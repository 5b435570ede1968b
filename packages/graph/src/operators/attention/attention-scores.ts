import { attentionWeights } from '@tilewright/kernels/attention-weights';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { attentionRequest, scoreFlops } from './attention-request.ts';
import { attentionSizes, onnxAttributes } from './attention-sizes.ts';

/** What `qk_matmul_output_mode` asks for, in the kernel's words. */
const stages = ['raw', 'softcap', 'bias', 'weights'] as const;

/** The scores of ONNX Attention, as far as `qk_matmul_output_mode` says. */
export const attentionScores: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'AttentionScores',
  // scores = scale · Q · Kᵀ, soft-capped, masked, or after softmax
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'attn_mask', kind: 'optional' },
    { name: 'nonpad_kv_seqlen', kind: 'optional' },
  ],
  attributes: { ...onnxAttributes, past_tokens: { type: 'integer', default: 0 } },
  infer: (context) => {
    const { q, keys } = attentionSizes(context, undefined);
    return {
      scores: {
        dtype: context.inputs.Q!.dtype,
        shape: [q.batch, q.heads, q.tokens, keys],
      },
    };
  },
  lower: (node, context) => {
    const { sizes, axes, scalars, options, slots, ...request } = attentionRequest(node, context);
    const { q, keys } = sizes;
    const bindings = { ...request.bindings, scores: node.outputs.scores! };
    return {
      kernels: [attentionWeights],
      problem: {
        axes,
        dtypes: dtypesOf(context, bindings),
        options: {
          ...options,
          stage: stages[node.attributes.qk_matmul_output_mode]!,
        },
        scalars,
        slots,
      },
      bindings,
      sizes: { batch: q.batch, queries: q.tokens, keys },
      flops: scoreFlops(sizes, 2 * q.size),
    };
  },
});
