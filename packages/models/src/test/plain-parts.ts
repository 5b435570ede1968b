// What decoders in f64 and in loops are made of: shares nothing with the graphs that they judge.
import type { HostTensor } from '@tilewright/kernels';
import { unpackDense } from '@tilewright/kernels/weights/dense';

export type Row = readonly number[];
export type State = ReadonlyMap<string, HostTensor>;

export const sum = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]!);
export const times = (a: Row, b: Row): Row => a.map((value, i) => value * b[i]!);
export const dot = (a: Row, b: Row): number => a.reduce((total, value, i) => total + value * b[i]!, 0);
export const silu = (x: number): number => x / (1 + Math.exp(-x));
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.log1p(Math.exp(x));

export const numbers = (state: State, name: string): Row => Array.from(unpackDense(state.get(name)!));

/** The rows of a matrix; of a filter for each channel, its taps. */
export function rows(state: State, name: string): readonly Row[] {
  const values = numbers(state, name);
  const { shape } = state.get(name)!;
  const width = shape.at(-1)!;
  return Array.from({ length: values.length / width }, (_, row) =>
    values.slice(row * width, (row + 1) * width),
  );
}

/** `W x + b`; the bias counts where the state has one. */
export function dense(state: State, name: string): (x: Row) => Row {
  const weight = rows(state, `${name}.weight`);
  const bias = state.has(`${name}.bias`) ? numbers(state, `${name}.bias`) : weight.map(() => 0);
  return (x) => weight.map((row, i) => dot(row, x) + bias[i]!);
}

export function normed(x: Row, gain: Row, epsilon: number): Row {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((value, i) => value * scale * gain[i]!);
}

/** Parts of a row, as long as `sizes` say. */
export function cut(x: Row, ...sizes: readonly number[]): Row[] {
  let from = 0;
  return sizes.map((size) => x.slice(from, (from += size)));
}

export const headsOf = (x: Row, count: number): Row[] =>
  cut(x, ...Array.from({ length: count }, () => x.length / count));

/** A head whose channels i and i + turning / 2 turn by its position; those behind stay. */
export const turned = (x: Row, position: number, theta: number, turning: number = x.length): Row =>
  x.map((value, i) => {
    const half = turning / 2;
    if (i >= turning) return value;
    const angle = position * theta ** (-(i % half) / half);
    const partner = i < half ? -x[i + half]! : x[i - half]!;
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });

/** Causal softmax attention over rows of heads, which share those of keys and values in groups. */
export const attended = (q: readonly Row[][], k: readonly Row[][], v: readonly Row[][]): Row[] =>
  q.map((heads, t) =>
    heads.flatMap((query, head) => {
      const shared = Math.floor((head * k[0]!.length) / heads.length);
      const scores = k.slice(0, t + 1).map((key) => dot(query, key[shared]!) / Math.sqrt(query.length));
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((a, b) => a + b);
      return query.map((_, i) =>
        weights.reduce((y, weight, j) => y + (weight / total) * v[j]![shared]![i]!, 0),
      );
    }),
  );

export function gatedMlp(state: State, name: string): (x: Row) => Row {
  const [gate, up, down] = ['gate', 'up', 'down'].map((part) => dense(state, `${name}.${part}_proj`));
  return (x) => down!(times(gate!(x).map(silu), up!(x)));
}
