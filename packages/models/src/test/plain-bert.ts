// BERT as its authors wrote it down, in f64 and in loops: shares nothing with the graph that it judges.
import type { HostTensor } from '@tilewright/kernels';
import { unpackDense } from '@tilewright/kernels/weights/dense';

type Row = readonly number[];

/** Sizes that its weights do not say, and the activation. */
export interface PlainBert {
  readonly heads: number;
  readonly layers: number;
  readonly epsilon: number;
  readonly activation: (x: number) => number;
}

/** The error function by its series, to the last digit for |x| below 6. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
export const exactGelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
export const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Hidden states after the last layer, a row for each token, and what the pooler makes of the first. */
export function plainBert(
  state: ReadonlyMap<string, HostTensor>,
  { heads, layers, epsilon, activation }: PlainBert,
  tokens: readonly number[],
  types: readonly number[] = tokens.map(() => 0),
  positions: readonly number[] = [...tokens.keys()],
): { readonly hidden: readonly Row[]; readonly pooled: Row } {
  const numbers = (name: string): Row => Array.from(unpackDense(state.get(name)!));
  const table = (name: string): ((row: number) => Row) => {
    const [values, width] = [numbers(name), state.get(name)!.shape[1]!];
    return (row) => values.slice(row * width, (row + 1) * width);
  };
  const sum = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]!);
  const dot = (a: Row, b: Row): number => a.reduce((total, value, i) => total + value * b[i]!, 0);
  const dense = (name: string): ((x: Row) => Row) => {
    const [rows, bias] = [table(`${name}.weight`), numbers(`${name}.bias`)];
    return (x) => bias.map((offset, row) => offset + dot(rows(row), x));
  };
  const norm = (name: string): ((x: Row) => Row) => {
    const [gain, bias] = [numbers(`${name}.weight`), numbers(`${name}.bias`)];
    return (x) => {
      const mean = x.reduce((a, b) => a + b) / x.length;
      const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length;
      return x.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i]! + bias[i]!);
    };
  };
  const attention = (name: string, x: readonly Row[]): readonly Row[] => {
    const [q, k, v] = ['query', 'key', 'value'].map((part) => x.map(dense(`${name}.${part}`)));
    const size = x[0]!.length / heads;
    const part = (row: Row, head: number): Row => row.slice(head * size, (head + 1) * size);
    return q!.map((query) =>
      Array.from({ length: heads }, (_, head) => {
        const scores = k!.map((key) => dot(part(query, head), part(key, head)) / Math.sqrt(size));
        const largest = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - largest));
        const total = weights.reduce((a, b) => a + b);
        return Array.from({ length: size }, (__, channel) =>
          v!.reduce((y, row, i) => y + (weights[i]! / total) * row[head * size + channel]!, 0),
        );
      }).flat(),
    );
  };
  const [words, places, kinds] = ['word', 'position', 'token_type'].map((name) =>
    table(`embeddings.${name}_embeddings.weight`),
  );
  let x = tokens
    .map((token, i) => sum(sum(words!(token), places!(positions[i]!)), kinds!(types[i]!)))
    .map(norm('embeddings.LayerNorm'));
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const attended = attention(`${name}.attention.self`, x).map(dense(`${name}.attention.output.dense`));
    const seen = attended.map((row, i) => sum(row, x[i]!)).map(norm(`${name}.attention.output.LayerNorm`));
    const inner = seen.map(dense(`${name}.intermediate.dense`)).map((row) => row.map(activation));
    const outer = inner.map(dense(`${name}.output.dense`));
    x = outer.map((row, i) => sum(row, seen[i]!)).map(norm(`${name}.output.LayerNorm`));
  }
  return { hidden: x, pooled: dense('pooler.dense')(x[0]!).map(Math.tanh) };
}
