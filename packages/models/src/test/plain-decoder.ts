// A decoder with rotary positions, grouped queries and gated MLPs, in f64 and in loops: shares nothing with the graph that it judges.
import type { HostTensor } from '@tilewright/kernels';
import { unpackDense } from '@tilewright/kernels/weights/dense';

type Row = readonly number[];

/** What its weights do not say. */
export interface PlainDecoder {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly layers: number;
  readonly epsilon: number;
  readonly theta: number;
}

const sum = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]!);
const dot = (a: Row, b: Row): number => a.reduce((total, value, i) => total + value * b[i]!, 0);

/** Logits of each position. Norms of queries and keys, biases and a head of its own count where the state has them. */
export function plainDecoder(
  state: ReadonlyMap<string, HostTensor>,
  { heads, kvHeads, headSize, layers, epsilon, theta }: PlainDecoder,
  tokens: readonly number[],
): readonly Row[] {
  const numbers = (name: string): Row => Array.from(unpackDense(state.get(name)!));
  const rows = (name: string): readonly Row[] => {
    const [values, [count, width]] = [numbers(name), state.get(name)!.shape as [number, number]];
    return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
  };
  const dense = (name: string): ((x: Row) => Row) => {
    const weight = rows(`${name}.weight`);
    const bias = state.has(`${name}.bias`) ? numbers(`${name}.bias`) : weight.map(() => 0);
    return (x) => weight.map((row, i) => dot(row, x) + bias[i]!);
  };
  const normed = (x: Row, gain: Row): Row => {
    const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
    return x.map((value, i) => value * scale * gain[i]!);
  };
  const norm = (name: string): ((x: Row) => Row) => {
    const gain = numbers(`${name}.weight`);
    return (x) => normed(x, gain);
  };
  /** The heads of a row: normalised where there is a norm, then turned by their position. */
  const headsOf = (x: Row, count: number, position: number, gain: Row | undefined): readonly Row[] =>
    Array.from({ length: count }, (_, head) => {
      const part = x.slice(head * headSize, (head + 1) * headSize);
      const y = gain === undefined ? part : normed(part, gain);
      const half = headSize / 2;
      return y.map((value, i) => {
        const angle = position * theta ** (-(i % half) / half);
        const partner = i < half ? -y[i + half]! : y[i - half]!;
        return value * Math.cos(angle) + partner * Math.sin(angle);
      });
    });
  const attention = (name: string, x: readonly Row[]): readonly Row[] => {
    const gain = (part: string): Row | undefined =>
      state.has(`${name}.${part}_norm.weight`) ? numbers(`${name}.${part}_norm.weight`) : undefined;
    const q = x.map(dense(`${name}.q_proj`)).map((row, t) => headsOf(row, heads, t, gain('q')));
    const k = x.map(dense(`${name}.k_proj`)).map((row, t) => headsOf(row, kvHeads, t, gain('k')));
    const v = x.map(dense(`${name}.v_proj`));
    const mixed = q.map((query, t) =>
      query.flatMap((own, head) => {
        const shared = Math.floor((head * kvHeads) / heads);
        const scores = k.slice(0, t + 1).map((key) => dot(own, key[shared]!) / Math.sqrt(headSize));
        const largest = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - largest));
        const total = weights.reduce((a, b) => a + b);
        return Array.from({ length: headSize }, (_, i) =>
          weights.reduce((y, weight, j) => y + (weight / total) * v[j]![shared * headSize + i]!, 0),
        );
      }),
    );
    return mixed.map(dense(`${name}.o_proj`));
  };
  const mlp = (name: string): ((x: Row) => Row) => {
    const [gate, up, down] = ['gate', 'up', 'down'].map((part) => dense(`${name}.${part}_proj`));
    return (x) => {
      const raised = up!(x);
      return down!(gate!(x).map((value, i) => (value / (1 + Math.exp(-value))) * raised[i]!));
    };
  };
  const table = rows('model.embed_tokens.weight');
  let x: readonly Row[] = tokens.map((token) => table[token]!);
  for (let layer = 0; layer < layers; layer++) {
    const name = `model.layers.${layer}`;
    const attended = attention(`${name}.self_attn`, x.map(norm(`${name}.input_layernorm`)));
    x = x.map((row, t) => sum(row, attended[t]!));
    const fed = x.map(norm(`${name}.post_attention_layernorm`)).map(mlp(`${name}.mlp`));
    x = x.map((row, t) => sum(row, fed[t]!));
  }
  const head = state.has('lm_head.weight') ? rows('lm_head.weight') : table;
  return x.map(norm('model.norm')).map((row) => head.map((weight) => dot(weight, row)));
}
