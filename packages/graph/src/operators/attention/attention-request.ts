// What fused attention and its scores ask of kernels.
import { type Extent, type Filling, type OptionValue, type ProblemInput, times } from '@tilewright/kernels';
import { additiveMask, booleanMask, maskShapeOf } from '@tilewright/kernels/fillings';
import type { LoweringContext, Node } from '../../ir.ts';
import { inferredContext, inputTypes } from '../shapes.ts';
import { type AttentionAttributes, attentionSizes, type AttentionSizes } from './attention-sizes.ts';
import { memoryOrder } from './heads.ts';

/** `past_tokens`: how many keys came before the queries. */
type PartAttributes = AttentionAttributes & { readonly past_tokens: number };

/** Queries up to this many are split over the keys instead of tiled. */
export const fewQueries = 8;

interface AttentionRequest {
  readonly sizes: AttentionSizes;
  readonly axes: ProblemInput['axes'];
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly slots: Readonly<Record<string, Filling>>;
  readonly bindings: Readonly<Record<string, string>>;
  readonly scalars: Readonly<Record<string, number>>;
}

/** What fused attention and its scores have in common: sizes, what a query sees, where tensors lie. */
export function attentionRequest(node: Node<PartAttributes>, context: LoweringContext): AttentionRequest {
  const { attributes } = node;
  const inputs = inputTypes(node, context.values);
  const sizes = attentionSizes(inferredContext(node, context), undefined);
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
      inputs.attn_mask!.shape.map((size) => context.planned(size)),
      {
        batch: axes.batch,
        heads: q.heads,
        queries: axes.queries,
        keys: axes.keys,
      },
    );
  const additive = inputs.attn_mask?.dtype !== 'u32';
  const { scale } = attributes;
  return {
    sizes,
    axes,
    // The kernels take 0 as "1/√size".
    scalars: scale === null ? {} : { scale: scale === 0 ? 2 ** -126 : scale },
    options: {
      lengths: lengths !== undefined,
      softcap: attributes.softcap,
      ...visibility(attributes, lengths !== undefined),
      q_strides: memoryOrder(q),
      k_strides: memoryOrder(k),
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
  { is_causal: causal, left_window_size: left, right_window_size: right, past_tokens: past }: PartAttributes,
  lengths: boolean,
): Readonly<Record<string, OptionValue>> {
  const bounds = {
    causal: causal === 1,
    window_left: left,
    window_right: right,
  };
  return lengths ? { ...bounds, alignment: 'end' } : { ...bounds, alignment: 'start', offset: past };
}

/** `perScore` operations for each pair of a query and a key. */
export const scoreFlops = ({ q, keys }: AttentionSizes, perScore: number): Extent =>
  times(times(times(q.batch, q.tokens), keys), q.heads * perScore);
