import { isRead } from '../../graph-index.ts';
import type { Attribute, Node, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { printShape } from '../../extent/index.ts';
import { badNode, sameShape } from '../shapes.ts';
import { appendTokens } from './append-tokens.ts';
import { attendedType, attentionSizes, onnxAttributes, pastOf } from './attention-sizes.ts';
import { attentionScores } from './attention-scores.ts';
import { fusedAttention } from './fused-attention.ts';
import type { Heads } from './heads.ts';
import { splitHeads } from './split-heads.ts';

/**
 * ONNX `Attention` (opset 25): q, k and v with 4 dimensions `[batch, heads, tokens, size]` or packed with 3; `attn_mask` f32 or
 * f16 to add, or u32 (0: do not attend); `nonpad_kv_seqlen` u32. A row that sees no key is zero.
 *
 * It becomes nodes of one kernel each: past and new keys and values joined, the fused attention, and the scores where they
 * are asked for.
 */
export const attention: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Attention',
  // Y = softmax(scale · Q · Kᵀ, soft-capped, masked) · V, with caches inside or outside
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'attn_mask', kind: 'optional' },
    { name: 'past_key', kind: 'optional' },
    { name: 'past_value', kind: 'optional' },
    { name: 'nonpad_kv_seqlen', kind: 'optional' },
  ],
  attributes: onnxAttributes,
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
      const cache = inputs[`past_${role}`];
      const want = [k.batch, k.heads, past ?? 0, like.size];
      if (cache && !sameShape(context, cache.shape, want))
        throw badNode(
          subject,
          `'past_${role}' has shape ${printShape(cache.shape)}`,
          `it must be ${printShape(want)}`,
        );
      return { dtype: inputs[role === 'key' ? 'K' : 'V']!.dtype, shape };
    };
    return {
      Y: attendedType(inputs.Q!, q, v!),
      present_key: present('key', k),
      present_value: present('value', v!),
      qk_matmul_output: {
        dtype: inputs.Q!.dtype,
        shape: [q.batch, q.heads, q.tokens, keys],
      },
    };
  },
  expand: (node, context) => {
    const { Q, K, V, attn_mask: mask, past_key: pastKey, past_value: pastValue } = node.inputs;
    const {
      Y,
      present_key: presentKey,
      present_value: presentValue,
      qk_matmul_output: scores,
    } = node.outputs;
    const add: Node[] = [];
    const put = (
      name: string,
      operator: Operator,
      inputs: Readonly<Record<string, string | undefined>>,
      outputs: Readonly<Record<string, string>>,
      attributes: Readonly<Record<string, Attribute>>,
    ): void => {
      const present = Object.entries(inputs).filter((entry): entry is [string, string] => !!entry[1]);
      add.push({
        name: `${node.name}.${name}`,
        operator,
        inputs: Object.fromEntries(present),
        outputs,
        attributes,
      });
    };

    const heads = node.attributes.kv_num_heads;
    const joined = (
      part: string,
      update: string,
      past: string | undefined,
      present: string | undefined,
    ): string => {
      if (past !== undefined) {
        const value = present ?? `${node.name}.${part}`;
        put(part, appendTokens, { past, update }, { present: value }, { heads });
        return value;
      }
      if (isRead(context, present)) put(part, splitHeads, { x: update }, { y: present }, { heads });
      return update;
    };
    const key = joined('keys', K!, pastKey, presentKey);
    const value = joined('values', V!, pastValue, presentValue);
    const lengths = node.inputs.nonpad_kv_seqlen;
    const attributes: Readonly<Record<string, Attribute>> = {
      ...node.attributes,
      past_tokens: pastKey === undefined ? 0 : Number(context.values[pastKey]!.shape[2]),
    };
    const shared = { Q, K: key, attn_mask: mask, nonpad_kv_seqlen: lengths };
    if (isRead(context, Y)) put('attend', fusedAttention, { ...shared, V: value }, { Y }, attributes);
    if (isRead(context, scores)) put('scores', attentionScores, shared, { scores }, attributes);
    // Only presents were asked for, or nothing: what is left is dead code.
    if (add.length === 0) put('attend', fusedAttention, { ...shared, V: value }, { Y: Y! }, attributes);
    return add;
  },
});
