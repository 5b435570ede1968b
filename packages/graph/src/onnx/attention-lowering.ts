import { type Extent, type Filling, type OptionValue, type ProblemInput, times } from '@tilewright/kernels';
import { additiveMask, booleanMask, maskShapeOf } from '@tilewright/kernels/fillings';
import type { Node } from '../ir.ts';
import { dtypesOf, type Lower, type LoweringContext } from '../lowering/lowering.ts';
import {
  attentionAttributes,
  type AttentionAttributes,
  attentionSizes,
  type AttentionSizes,
} from './attention.ts';
import { type Heads, headsOf } from './heads.ts';

/** Queries up to this many are split over the keys instead of tiled. */
const fewQueries = 8;

const orderOf = ({ packed }: Heads): string => (packed ? 'bshd' : 'bhsd');

interface AttentionRequest {
  readonly sizes: AttentionSizes;
  readonly attributes: AttentionAttributes;
  readonly axes: ProblemInput['axes'];
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly slots: Readonly<Record<string, Filling>>;
  readonly bindings: Readonly<Record<string, string>>;
  readonly scalars: Readonly<Record<string, number>>;
}

/** What fused attention and its scores have in common: sizes, what a query sees, where tensors lie. */
function attentionRequest(node: Node, context: LoweringContext): AttentionRequest {
  const { values } = context.graph;
  const subject = node.name;
  const inputs = Object.fromEntries(
    Object.entries(node.inputs).map(([role, value]) => [role, values[value]!]),
  );
  const attributes = attentionAttributes({ subject, attributes: node.attributes });
  const sizes = attentionSizes({ subject, inputs, attributes: node.attributes }, undefined);
  const { q, k, keys } = sizes;
  const axes = {
    batch: context.planned(q.batch),
    queries: context.planned(q.tokens),
    keys: context.planned(keys),
    heads: q.heads,
    kv_heads: k.heads,
    head_size: q.size,
  };
  const { attn_mask: mask, nonpad_kv_seqlen: lengths } = node.inputs;
  const shape =
    mask &&
    maskShapeOf(
      inputs.attn_mask!.shape.map((each) => context.planned(each)),
      { batch: axes.batch, heads: q.heads, queries: axes.queries, keys: axes.keys },
    );
  const additive = inputs.attn_mask?.dtype !== 'u32';
  const { scale } = attributes;
  return {
    sizes,
    attributes,
    axes,
    // The kernels take 0 as "1/√size".
    scalars: scale === null ? {} : { scale: scale === 0 ? 2 ** -126 : scale },
    options: {
      lengths: lengths !== undefined,
      softcap: attributes.softcap,
      ...visibility(attributes, lengths !== undefined),
      q_strides: orderOf(q),
      k_strides: orderOf(k),
    },
    slots: shape ? { mask: additive ? additiveMask(shape) : booleanMask(shape) } : {},
    bindings: {
      q: node.inputs.Q!,
      k: node.inputs.K!,
      ...(lengths && { lengths }),
      ...(mask && { [additive ? 'mask.bias' : 'mask.allowed']: mask }),
    },
  };
}

/**
 * Causal order and windows, in the kernels' terms. Query `i` stands at `i + offset`, the offset being the past tokens, or
 * with lengths the valid keys before the queries.
 */
function visibility(
  {
    is_causal: causal,
    left_window_size: left,
    right_window_size: right,
    past_tokens: past,
  }: AttentionAttributes,
  lengths: boolean,
): Readonly<Record<string, OptionValue>> {
  const bounds = { causal: causal === 1, window_left: left, window_right: right };
  return lengths ? { ...bounds, alignment: 'end' } : { ...bounds, alignment: 'start', offset: past };
}

export const lowerFusedAttention: Lower = (node, context) => {
  const { sizes, axes, scalars, options, slots, ...request } = attentionRequest(node, context);
  const { q, v, keys } = sizes;
  const bindings = { ...request.bindings, v: node.inputs.V!, y: node.outputs.Y! };
  const few = axes.queries! <= fewQueries;
  return {
    kernels: few ? ['decode-attention', 'flash-attention'] : ['flash-attention', 'decode-attention'],
    problem: {
      axes: { ...axes, value_size: v!.size },
      dtypes: dtypesOf(context.graph, bindings),
      options: { ...options, v_strides: orderOf(v!), y_strides: orderOf(q) },
      scalars,
      slots,
    },
    bindings,
    sizes: { batch: q.batch, queries: q.tokens, keys },
    flops: scoreFlops(sizes, 2 * (q.size + v!.size)),
  };
};

/** What `qk_matmul_output_mode` asks for, in the kernel's words. */
const stages = ['raw', 'softcap', 'bias', 'weights'] as const;

export const lowerAttentionScores: Lower = (node, context) => {
  const { sizes, attributes, axes, scalars, options, slots, ...request } = attentionRequest(node, context);
  const { q, keys } = sizes;
  const bindings = { ...request.bindings, scores: node.outputs.scores! };
  return {
    kernels: ['attention-weights'],
    problem: {
      axes,
      dtypes: dtypesOf(context.graph, bindings),
      options: { ...options, stage: stages[attributes.qk_matmul_output_mode]! },
      scalars,
      slots,
    },
    bindings,
    sizes: { batch: q.batch, queries: q.tokens, keys },
    flops: scoreFlops(sizes, 2 * q.size),
  };
};

const scoreFlops = ({ q, keys }: AttentionSizes, each: number): Extent =>
  times(times(times(q.batch, q.tokens), keys), q.heads * each);

export const lowerAppendTokens: Lower = (node, context) => {
  const { graph } = context;
  const { past, update } = node.inputs;
  const first = headsOf(node.name, 'past', graph.values[past!]!, node.attributes.heads);
  const second = headsOf(node.name, 'update', graph.values[update!]!, node.attributes.heads);
  const bindings = { first: past!, second: update!, y: node.outputs.present! };
  const [firstRows, secondRows] = [Number(first.tokens), Number(second.tokens)];
  const rows = { first_rows: firstRows, second_rows: secondRows, rows: firstRows + secondRows };
  return {
    kernels: ['concat'],
    problem: {
      axes: { batch: context.planned(first.batch), heads: first.heads, size: first.size, ...rows },
      dtypes: dtypesOf(graph, bindings),
      options: { second_order: orderOf(second) },
    },
    bindings,
    sizes: { batch: first.batch, ...rows },
    flops: 0,
  };
};
