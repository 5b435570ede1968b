import type { Attribute, Node } from '../ir.ts';
import type { Rule } from '../rewrite.ts';
import { isNeeded } from './shape.ts';

/**
 * Attention as nodes of one kernel each: past and new keys and values joined, the fused attention, and the scores where they
 * are asked for.
 */
export const expandAttention: Rule = {
  name: 'expand-attention',
  apply(node, graph) {
    if (node.op !== 'Attention') return undefined;
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
      op: string,
      inputs: Readonly<Record<string, string | undefined>>,
      outputs: Readonly<Record<string, string>>,
      attributes: Readonly<Record<string, Attribute>>,
    ): void => {
      const given = Object.entries(inputs).filter((entry): entry is [string, string] => !!entry[1]);
      add.push({ name: `${node.name}.${name}`, op, inputs: Object.fromEntries(given), outputs, attributes });
    };

    const heads = node.attributes.kv_num_heads ?? 0;
    const joined = (
      part: string,
      update: string,
      past: string | undefined,
      present: string | undefined,
    ): string => {
      if (past !== undefined) {
        const value = present ?? `${node.name}.${part}`;
        put(part, 'AppendTokens', { past, update }, { present: value }, { heads });
        return value;
      }
      if (isNeeded(graph, present)) put(part, 'SplitHeads', { x: update }, { y: present }, { heads });
      return update;
    };
    const key = joined('keys', K!, pastKey, presentKey);
    const value = joined('values', V!, pastValue, presentValue);
    const lengths = node.inputs.nonpad_kv_seqlen;
    const attributes = {
      ...node.attributes,
      past_tokens: pastKey === undefined ? 0 : graph.values[pastKey]!.shape[2]!,
    };
    const shared = { Q, K: key, attn_mask: mask, nonpad_kv_seqlen: lengths };
    if (isNeeded(graph, Y)) put('attend', 'FusedAttention', { ...shared, V: value }, { Y }, attributes);
    if (isNeeded(graph, scores)) put('scores', 'AttentionScores', shared, { scores }, attributes);
    // Only presents were asked for, or nothing: what is left is dead code.
    if (add.length === 0) put('attend', 'FusedAttention', { ...shared, V: value }, { Y: Y! }, attributes);
    return { remove: [node], add };
  },
};
