// What ONNX Attention and the operators of its parts have in common: attributes, sizes that fit together, masks.
import type { Extent } from '@tilewright/kernels';
import type { InferContext, ValueType } from '../../ir.ts';
import type { AttributesOf } from '../operator.ts';
import { isAtMost, printShape } from '../../extent/index.ts';
import { badNode, broadcast, elementType, floats, numbersOf, sameShape, sameSize } from '../shapes.ts';
import { type Heads, headsOf } from './heads.ts';

/** Of `scale`, null is 1/√(head size); of the windows, -1 is no bound. */
export const onnxAttributes = {
  is_causal: { type: 'integer', default: 0, choices: [0, 1] },
  kv_num_heads: { type: 'integer', default: 0 },
  left_window_size: { type: 'integer', default: -1 },
  q_num_heads: { type: 'integer', default: 0 },
  qk_matmul_output_mode: { type: 'integer', default: 0, choices: [0, 1, 2, 3] },
  right_window_size: { type: 'integer', default: -1 },
  scale: { type: 'number', default: null },
  softcap: { type: 'number', default: 0 },
  // Types of ONNX that softmax may be asked to compute in: f32, f16, f64, bf16. It is always f32 here.
  softmax_precision: {
    type: 'integer',
    default: 0,
    choices: [0, 1, 10, 11, 16],
  },
} as const;

export type AttentionAttributes = AttributesOf<typeof onnxAttributes>;

function checkBounds(subject: string, attributes: AttentionAttributes): void {
  for (const name of ['left_window_size', 'right_window_size'] as const)
    if (attributes[name] < -1)
      throw badNode(
        subject,
        `the attribute '${name}' is ${attributes[name]}`,
        'it must be a number of keys, or -1',
      );
  if (attributes.softcap < 0)
    throw badNode(subject, `the attribute 'softcap' is ${attributes.softcap}`, 'it must not be negative');
}

export interface AttentionSizes {
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads | undefined;
  /** Keys in all: past and new ones. */
  readonly keys: Extent;
}

/** Sizes that fit together. Throws `bad-graph` with both sides of what does not. */
export function attentionSizes(
  context: InferContext<AttentionAttributes>,
  past: Extent | undefined,
): AttentionSizes {
  const { subject, inputs, attributes } = context;
  checkBounds(subject, attributes);
  const { q_num_heads: heads, kv_num_heads: kvHeads } = attributes;
  const q = headsOf(subject, 'Q', inputs.Q!, heads);
  const k = headsOf(subject, 'K', inputs.K!, kvHeads);
  const v = inputs.V && headsOf(subject, 'V', inputs.V, kvHeads);
  for (const role of ['Q', 'K', 'V']) if (inputs[role]) elementType(subject, role, inputs[role], floats);
  sameSize(context, "the batch of 'K'", k.batch, q.batch);
  sameSize(context, "the head size of 'K'", k.size, q.size);
  if (v) {
    sameSize(context, "the batch of 'V'", v.batch, q.batch);
    sameSize(context, "the number of heads of 'V'", v.heads, k.heads);
    sameSize(context, "the length of 'V'", v.tokens, k.tokens);
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
    if (!sameShape(context, lengths.shape, [q.batch]))
      throw badNode(
        subject,
        `'nonpad_kv_seqlen' has shape ${printShape(lengths.shape)}`,
        `it must be ${printShape([q.batch])}, a length for each batch row`,
      );
  }
  if (inputs.attn_mask) checkMask(context, inputs.attn_mask, [q.batch, q.heads, q.tokens, keys]);
  return { q, k, v, keys };
}

/** A mask broadcasts to the scores, but its last axis may be shorter: keys beyond it are not attended. */
function checkMask(
  context: InferContext<unknown>,
  { dtype, shape }: ValueType,
  scores: readonly Extent[],
): void {
  const { subject, extents } = context;
  elementType(subject, 'attn_mask', { dtype, shape }, ['u32', ...floats]);
  const [length, keys] = [shape.at(-1), scores.at(-1)];
  const fits = length !== undefined && isAtMost(extents, length, keys!) === 'yes';
  const rank = shape.length >= 1 && shape.length <= scores.length;
  if (rank && fits) {
    const leading = broadcast(context, {
      attn_mask: shape.slice(0, -1),
      scores: scores.slice(0, -1),
    });
    if (sameShape(context, leading, scores.slice(0, -1))) return;
  }
  throw badNode(
    subject,
    `'attn_mask' has shape ${printShape(shape)}`,
    `it must broadcast to ${printShape(scores)}, or be shorter along the last axis`,
  );
}

export function sumOf(subject: string, past: Extent, tokens: Extent): number {
  const [a, b] = numbersOf(subject, 'past_key', [past, tokens]);
  return a! + b!;
}

/** How many keys the cache holds that comes inside; `undefined` where there is none. Throws `bad-graph`. */
export function pastOf(context: InferContext<unknown>): Extent | undefined {
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
      throw badNode(subject, `'${role}' has shape ${printShape(type.shape)}`, 'it must have 4 dimensions');
  sameSize(context, "the length of 'past_value'", value.shape[2], key.shape[2]);
  return key.shape[2]!;
}

/** The type of what attention gives: packed where q is. */
export const attendedType = ({ dtype }: ValueType, q: Heads, v: Heads): ValueType => ({
  dtype,
  shape: q.packed ? [q.batch, q.tokens, q.heads * v.size] : [q.batch, q.heads, q.tokens, v.size],
});
