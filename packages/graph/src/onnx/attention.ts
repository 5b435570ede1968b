// ONNX Attention: the operator, and the nodes it is rewritten to, each of which is one kernel.
import type { Dimension, ValueType } from '../ir.ts';
import { badNode, type InferContext, type Operator, sameDimension } from '../operators/operator.ts';
import { attributesOf, oneOf } from './attributes.ts';
import { type Heads, headsOf } from './heads.ts';
import { broadcast, elementType, floats, numbersOf } from './shape.ts';

const defaults = {
  is_causal: 0,
  kv_num_heads: 0,
  left_window_size: -1,
  q_num_heads: 0,
  qk_matmul_output_mode: 0,
  right_window_size: -1,
  scale: null,
  softcap: 0,
  softmax_precision: 0,
} as const;

/** Types of ONNX that softmax may be asked to compute in: f32, f16, f64, bf16. It is always f32 here. */
const precisions = [0, 1, 10, 11, 16];

type NumberName = Exclude<keyof typeof defaults, 'scale'>;

/** Attributes with their defaults; `scale` null is 1/√(head size), `past_tokens` how many keys came before. */
export type AttentionAttributes = Readonly<Record<NumberName | 'past_tokens', number>> & {
  readonly scale: number | null;
};

/** The attributes of a node with their defaults, checked. */
export function attentionAttributes(
  context: Pick<InferContext, 'subject' | 'attributes'>,
): AttentionAttributes {
  const { past_tokens: past = 0, ...attributes } = context.attributes;
  const given = attributesOf({ ...context, attributes }, defaults);
  const { subject } = context;
  oneOf(subject, 'is_causal', given.is_causal, [0, 1]);
  oneOf(subject, 'qk_matmul_output_mode', given.qk_matmul_output_mode, [0, 1, 2, 3]);
  oneOf(subject, 'softmax_precision', given.softmax_precision, precisions);
  for (const name of ['left_window_size', 'right_window_size'] as const)
    if (!Number.isInteger(given[name]) || given[name] < -1)
      throw badNode(
        subject,
        `the attribute '${name}' is ${given[name]}`,
        'it must be a number of keys, or -1',
      );
  if (given.softcap < 0)
    throw badNode(subject, `the attribute 'softcap' is ${given.softcap}`, 'it must not be negative');
  return { ...given, past_tokens: Number(past) };
}

export interface AttentionSizes {
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads | undefined;
  /** Keys in all: past and new ones. */
  readonly keys: Dimension;
}

/** Sizes that fit together. Throws `bad-graph` with both sides of what does not. */
export function attentionSizes(
  { subject, inputs, attributes }: InferContext,
  past: Dimension | undefined,
): AttentionSizes {
  const { q_num_heads: heads, kv_num_heads: kvHeads } = attentionAttributes({ subject, attributes });
  const q = headsOf(subject, 'Q', inputs.Q!, heads);
  const k = headsOf(subject, 'K', inputs.K!, kvHeads);
  const v = inputs.V && headsOf(subject, 'V', inputs.V, kvHeads);
  for (const role of ['Q', 'K', 'V']) if (inputs[role]) elementType(subject, role, inputs[role], floats);
  sameDimension(subject, "the batch of 'K'", k.batch, q.batch);
  sameDimension(subject, "the head size of 'K'", k.size, q.size);
  if (v) {
    sameDimension(subject, "the batch of 'V'", v.batch, q.batch);
    sameDimension(subject, "the number of heads of 'V'", v.heads, k.heads);
    sameDimension(subject, "the length of 'V'", v.tokens, k.tokens);
  }
  if (q.heads % k.heads !== 0)
    throw badNode(
      subject,
      `${q.heads} query heads share ${k.heads} key heads`,
      'the first must be a multiple of the second',
    );
  const keys = past === undefined ? k.tokens : sumOf(subject, past, k.tokens);
  const lengths = inputs.nonpad_kv_seqlen;
  if (lengths) {
    elementType(subject, 'nonpad_kv_seqlen', lengths, ['u32']);
    if (lengths.shape.join() !== String(q.batch))
      throw badNode(
        subject,
        `'nonpad_kv_seqlen' has shape [${lengths.shape.join(', ')}]`,
        `it must be [${q.batch}], a length for each batch row`,
      );
  }
  if (inputs.attn_mask) checkMask(subject, inputs.attn_mask, [q.batch, q.heads, q.tokens, keys]);
  return { q, k, v, keys };
}

/** A mask broadcasts to the scores, but its last axis may be shorter: keys beyond it are not attended. */
function checkMask(subject: string, { dtype, shape }: ValueType, scores: readonly Dimension[]): void {
  elementType(subject, 'attn_mask', { dtype, shape }, ['u32', ...floats]);
  const [own, keys] = [shape.at(-1), scores.at(-1)];
  const shorter = typeof own === 'number' && typeof keys === 'number' && own <= keys;
  const rank = shape.length >= 1 && shape.length <= scores.length;
  if (rank && (own === keys || shorter)) {
    const leading = broadcast(subject, { attn_mask: shape.slice(0, -1), scores: scores.slice(0, -1) });
    if (leading.join() === scores.slice(0, -1).join()) return;
  }
  throw badNode(
    subject,
    `'attn_mask' has shape [${shape.join(', ')}]`,
    `it must broadcast to [${scores.join(', ')}], or be shorter along the last axis`,
  );
}

function sumOf(subject: string, past: Dimension, tokens: Dimension): number {
  const [a, b] = numbersOf(subject, 'past_key', [past, tokens]);
  return a! + b!;
}

function pastOf(context: InferContext): Dimension | undefined {
  const { subject, inputs } = context;
  const { past_key: key, past_value: value, nonpad_kv_seqlen: lengths } = inputs;
  if (!key && !value) return undefined;
  if (!key || !value)
    throw badNode(subject, 'it has past keys or past values alone', 'both or neither must be given');
  if (lengths)
    throw badNode(subject, 'it has past keys and nonpad_kv_seqlen', 'a cache is either inside or outside');
  for (const [role, type] of [
    ['past_key', key],
    ['past_value', value],
  ] as const)
    if (type.shape.length !== 4)
      throw badNode(subject, `'${role}' has shape [${type.shape.join(', ')}]`, 'it must have 4 dimensions');
  sameDimension(subject, "the length of 'past_value'", value.shape[2], key.shape[2]);
  return key.shape[2]!;
}

/**
 * ONNX `Attention` (opset 25): q, k and v with 4 dimensions `[batch, heads, tokens, size]` or packed with 3; `attn_mask` f32 or
 * f16 to add, or u32 (0: do not attend); `nonpad_kv_seqlen` u32. A row that sees no key is zero.
 */
export const attention: Operator = {
  name: 'Attention',
  summary: 'Y = softmax(scale · Q · Kᵀ, soft-capped, masked) · V, with caches inside or outside',
  inputs: ['Q', 'K', 'V', 'attn_mask?', 'past_key?', 'past_value?', 'nonpad_kv_seqlen?'],
  infer: (context) => {
    const { subject, inputs } = context;
    const past = pastOf(context);
    const { q, k, v, keys } = attentionSizes(context, past);
    if (q.packed !== k.packed || q.packed !== v!.packed)
      throw badNode(
        subject,
        `Q, K and V have ${['Q', 'K', 'V'].map((role) => inputs[role]!.shape.length).join(', ')} dimensions`,
        'all must have 3 or all 4',
      );
    const present = (role: string, like: Heads): ValueType => {
      const shape = [k.batch, k.heads, keys, like.size];
      const given = inputs[`past_${role}`];
      const want = [k.batch, k.heads, past ?? 0, like.size];
      if (given && given.shape.join() !== want.join())
        throw badNode(
          subject,
          `'past_${role}' has shape [${given.shape.join(', ')}]`,
          `it must be [${want.join(', ')}]`,
        );
      return { dtype: inputs[role === 'key' ? 'K' : 'V']!.dtype, shape };
    };
    return {
      Y: attendedType(inputs.Q!, q, v!),
      present_key: present('key', k),
      present_value: present('value', v!),
      qk_matmul_output: { dtype: inputs.Q!.dtype, shape: [q.batch, q.heads, q.tokens, keys] },
    };
  },
};

const attendedType = ({ dtype }: ValueType, q: Heads, v: Heads): ValueType => ({
  dtype,
  shape: q.packed ? [q.batch, q.tokens, q.heads * v.size] : [q.batch, q.heads, q.tokens, v.size],
});

/** Attention without a cache of its own: `past_tokens` of the keys came before the queries. */
export const fusedAttention: Operator = {
  name: 'FusedAttention',
  summary: 'Y = softmax(scale · Q · Kᵀ, soft-capped, masked) · V',
  inputs: ['Q', 'K', 'V', 'attn_mask?', 'nonpad_kv_seqlen?'],
  infer: (context) => {
    const { q, v } = attentionSizes(context, undefined);
    return { Y: attendedType(context.inputs.Q!, q, v!) };
  },
};

/** The scores of the same attention, as far as `qk_matmul_output_mode` says. */
export const attentionScores: Operator = {
  name: 'AttentionScores',
  summary: 'scores = scale · Q · Kᵀ, soft-capped, masked, or after softmax',
  inputs: ['Q', 'K', 'attn_mask?', 'nonpad_kv_seqlen?'],
  infer: (context) => {
    const { q, keys } = attentionSizes(context, undefined);
    return { scores: { dtype: context.inputs.Q!.dtype, shape: [q.batch, q.heads, q.tokens, keys] } };
  },
};

/** A cache with new rows behind the old ones: past `[batch, heads, tokens, size]`, update that or packed. */
export const appendTokens: Operator = {
  name: 'AppendTokens',
  summary: 'present = past, then the update, along the tokens',
  inputs: ['past', 'update'],
  infer: ({ subject, inputs, attributes }) => {
    const past = headsOf(subject, 'past', inputs.past!, attributes.heads);
    const update = headsOf(subject, 'update', inputs.update!, attributes.heads);
    elementType(subject, 'past', inputs.past!, [inputs.update!.dtype]);
    const tokens = sumOf(subject, past.tokens, update.tokens);
    return { present: { dtype: inputs.past!.dtype, shape: [past.batch, past.heads, tokens, past.size] } };
  },
};
