// A decoder with rotary positions, grouped queries and gated MLPs, in f64 and in loops: shares nothing with the graph that it judges.
import {
  attended,
  dense,
  dot,
  gatedMlp,
  headsOf,
  normed,
  numbers,
  type Row,
  rows,
  type State,
  sum,
  turned,
} from './plain-parts.ts';

/** What its weights do not say. */
export interface PlainDecoder {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly layers: number;
  readonly epsilon: number;
  readonly theta: number;
}

/** Logits of each position. Norms of queries and keys, biases and a head of its own count where the state has them. */
export function plainDecoder(
  state: State,
  { heads, kvHeads, layers, epsilon, theta }: PlainDecoder,
  tokens: readonly number[],
): readonly Row[] {
  const norm = (name: string): ((x: Row) => Row) => {
    const gain = numbers(state, `${name}.weight`);
    return (x) => normed(x, gain, epsilon);
  };
  const attention = (name: string, x: readonly Row[]): readonly Row[] => {
    const prepared = (part: string, count: number): Row[][] => {
      const gain = state.has(`${name}.${part}_norm.weight`) && numbers(state, `${name}.${part}_norm.weight`);
      return x
        .map(dense(state, `${name}.${part}_proj`))
        .map((row, t) =>
          headsOf(row, count).map((head) => turned(gain ? normed(head, gain, epsilon) : head, t, theta)),
        );
    };
    const v = x.map(dense(state, `${name}.v_proj`)).map((row) => headsOf(row, kvHeads));
    return attended(prepared('q', heads), prepared('k', kvHeads), v).map(dense(state, `${name}.o_proj`));
  };
  const table = rows(state, 'model.embed_tokens.weight');
  let x: readonly Row[] = tokens.map((token) => table[token]!);
  for (let layer = 0; layer < layers; layer++) {
    const name = `model.layers.${layer}`;
    const mixed = attention(`${name}.self_attn`, x.map(norm(`${name}.input_layernorm`)));
    x = x.map((row, t) => sum(row, mixed[t]!));
    const fed = x.map(norm(`${name}.post_attention_layernorm`)).map(gatedMlp(state, `${name}.mlp`));
    x = x.map((row, t) => sum(row, fed[t]!));
  }
  const head = state.has('lm_head.weight') ? rows(state, 'lm_head.weight') : table;
  return x.map(norm('model.norm')).map((row) => head.map((weight) => dot(weight, row)));
}
