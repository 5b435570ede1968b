// Decoders with recurrences for mixers, in f64, token after token: shares nothing with the graphs that it judges. Each follows its
// authors' code: Hugging Face's modeling_mamba.py, modeling_mamba2.py and modeling_qwen3_next.py, flash-linear-attention's
// modeling_gated_deltanet.py.
import {
  attended,
  cut,
  dense,
  dot,
  gatedMlp,
  headsOf,
  normed,
  numbers,
  type Row,
  rows,
  sigmoid,
  silu,
  softplus,
  type State,
  sum,
  times,
  turned,
} from './plain-parts.ts';

type Mixer = (state: State, name: string, x: readonly Row[]) => readonly Row[];

const zeros = (...shape: readonly [number, number]): number[][] =>
  Array.from({ length: shape[0] }, () => Array.from({ length: shape[1] }, () => 0));

/** Each channel with its last inputs, through silu. */
function convolved(state: State, name: string, x: readonly Row[]): Row[] {
  const taps = rows(state, `${name}.weight`);
  const bias = state.has(`${name}.bias`) ? numbers(state, `${name}.bias`) : taps.map(() => 0);
  return x.map((row, t) =>
    row.map((_, channel) => {
      const filter = taps[channel]!;
      const inputs = filter.map((__, j) => x[t - filter.length + 1 + j]?.[channel] ?? 0);
      return silu(dot(filter, inputs) + bias[channel]!);
    }),
  );
}

export const plainMamba =
  ({
    inner,
    stateSize,
    rank,
  }: {
    readonly inner: number;
    readonly stateSize: number;
    readonly rank: number;
  }): Mixer =>
  (state, name, x) => {
    const parts = x.map(dense(state, `${name}.in_proj`)).map((row) => cut(row, inner, inner));
    const u = convolved(
      state,
      `${name}.conv1d`,
      parts.map(([mixed]) => mixed!),
    );
    const rate = rows(state, `${name}.A_log`).map((row) => row.map((value) => -Math.exp(value)));
    const skip = numbers(state, `${name}.D`);
    const memory = zeros(inner, stateSize);
    const y = u.map((row, t) => {
      const [low, B, C] = cut(dense(state, `${name}.x_proj`)(row), rank, stateSize, stateSize);
      const delta = dense(state, `${name}.dt_proj`)(low!).map(softplus);
      return row.map((value, d) => {
        memory[d] = memory[d]!.map(
          (old, n) => Math.exp(delta[d]! * rate[d]![n]!) * old + delta[d]! * value * B![n]!,
        );
        return (dot(memory[d]!, C!) + skip[d]! * value) * silu(parts[t]![1]![d]!);
      });
    });
    return y.map(dense(state, `${name}.out_proj`));
  };

export interface PlainMamba2 {
  readonly heads: number;
  readonly headSize: number;
  readonly groups: number;
  readonly stateSize: number;
  readonly epsilon: number;
  readonly steps: readonly [number, number];
}

export const plainMamba2 =
  ({ heads, headSize, groups, stateSize, epsilon, steps: [least, most] }: PlainMamba2): Mixer =>
  (state, name, x) => {
    const [inner, shared] = [heads * headSize, groups * stateSize];
    const parts = x
      .map(dense(state, `${name}.in_proj`))
      .map((row) => cut(row, inner, inner + 2 * shared, heads));
    const mixed = convolved(
      state,
      `${name}.conv1d`,
      parts.map(([, part]) => part!),
    );
    const [logarithm, skip, bias] = ['A_log', 'D', 'dt_bias'].map((part) =>
      numbers(state, `${name}.${part}`),
    );
    const memory = Array.from({ length: heads }, () => zeros(headSize, stateSize));
    const gain = numbers(state, `${name}.norm.weight`);
    const y = mixed.map((row, t) => {
      const [v, B, C] = cut(row, inner, shared, shared);
      const [z, , dt] = parts[t]!;
      const read = headsOf(v!, heads).flatMap((value, head) => {
        const group = Math.floor((head * groups) / heads);
        const [b, c] = [headsOf(B!, groups)[group]!, headsOf(C!, groups)[group]!];
        const step = Math.min(Math.max(softplus(dt![head]! + bias![head]!), least), most);
        const decay = Math.exp(-Math.exp(logarithm![head]!) * step);
        return value.map((each, p) => {
          const line = (memory[head]![p] = memory[head]![p]!.map(
            (old, n) => decay * old + step * each * b[n]!,
          ));
          return dot(line, c) + skip![head]! * each;
        });
      });
      return normed(times(read, z!.map(silu)), gain, epsilon);
    });
    return y.map(dense(state, `${name}.out_proj`));
  };

interface DeltaInputs {
  readonly q: Row;
  readonly k: Row;
  readonly v: Row;
  readonly a: Row;
  readonly b: Row;
  readonly z: Row;
}

/** The gated delta rule over tokens whose parts are given, with the norm of heads and the gate. */
function delta(
  state: State,
  name: string,
  inputs: readonly DeltaInputs[],
  { keyHeads, heads, norm, epsilon }: { keyHeads: number; heads: number; norm: string; epsilon: number },
): Row[] {
  const [logarithm, bias, gain] = ['A_log', 'dt_bias', `${norm}.weight`].map((part) =>
    numbers(state, `${name}.${part}`),
  );
  const unit = (x: Row): Row =>
    normed(
      x,
      x.map(() => x.length ** -0.5),
      1e-6 / x.length,
    );
  let memory: Row[][] | undefined;
  return inputs.map(({ q, k, v, a, b, z }) => {
    const [queries, keys] = [q, k].map((x) => headsOf(x, keyHeads).map(unit)) as [Row[], Row[]];
    const values = headsOf(v, heads);
    memory ??= values.map((value) => zeros(keys[0]!.length, value.length));
    const read = values.flatMap((value, head) => {
      const shared = Math.floor((head * keyHeads) / heads);
      const [query, key] = [queries[shared]!, keys[shared]!];
      const decay = Math.exp(-Math.exp(logarithm![head]!) * softplus(a[head]! + bias![head]!));
      const old = memory![head]!.map((row) => row.map((each) => decay * each));
      const news = value.map((each, j) => {
        const seen = dot(
          key,
          old.map((row) => row[j]!),
        );
        return sigmoid(b[head]!) * (each - seen);
      });
      memory![head] = old.map((row, i) => row.map((each, j) => each + key[i]! * news[j]!));
      const y = value.map(
        (_, j) =>
          dot(
            query,
            memory![head]!.map((row) => row[j]!),
          ) / Math.sqrt(query.length),
      );
      return normed(y, gain!, epsilon);
    });
    return times(read, z.map(silu));
  });
}

export interface PlainDelta {
  readonly keyHeads: number;
  readonly heads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly epsilon: number;
}

export const plainDeltaNet =
  (shape: PlainDelta): Mixer =>
  (state, name, x) => {
    const projected = (part: string): Row[] => x.map(dense(state, `${name}.${part}_proj`));
    const [q, k, v] = ['q', 'k', 'v'].map((part) =>
      convolved(state, `${name}.${part}_conv1d`, projected(part)),
    );
    const [a, b, z] = ['a', 'b', 'g'].map(projected);
    const inputs = x.map((_, t) => ({ q: q![t]!, k: k![t]!, v: v![t]!, a: a![t]!, b: b![t]!, z: z![t]! }));
    return delta(state, name, inputs, { ...shape, norm: 'o_norm' }).map(dense(state, `${name}.o_proj`));
  };

export const plainMergedDelta =
  (shape: PlainDelta): Mixer =>
  (state, name, x) => {
    const { keyHeads, heads, keySize, valueSize } = shape;
    const group = heads / keyHeads;
    /** Parts of each key head, then of all key heads. */
    const parts = (part: string, ...sizes: readonly number[]): Row[][] =>
      x.map(dense(state, `${name}.${part}`)).map((row) => {
        const perHead = headsOf(row, keyHeads).map((head) => cut(head, ...sizes));
        return sizes.map((_, i) => perHead.flatMap((each) => each[i]!));
      });
    const wide = parts('in_proj_qkvz', keySize, keySize, group * valueSize, group * valueSize);
    const small = parts('in_proj_ba', group, group);
    const mixed = convolved(
      state,
      `${name}.conv1d`,
      wide.map(([q, k, v]) => [...q!, ...k!, ...v!]),
    );
    const inputs = mixed.map((row, t) => {
      const [q, k, v] = cut(row, keyHeads * keySize, keyHeads * keySize, heads * valueSize);
      return { q: q!, k: k!, v: v!, z: wide[t]![3]!, b: small[t]![0]!, a: small[t]![1]! };
    });
    return delta(state, name, inputs, { ...shape, norm: 'norm' }).map(dense(state, `${name}.out_proj`));
  };

export interface PlainGatedAttention {
  readonly heads: number;
  readonly kvHeads: number;
  readonly epsilon: number;
  readonly theta: number;
  /** Channels of a head that turn. */
  readonly turning: number;
}

export const plainGatedAttention =
  ({ heads, kvHeads, epsilon, theta, turning }: PlainGatedAttention): Mixer =>
  (state, name, x) => {
    const prepared = (part: string, projected: readonly Row[][]): Row[][] => {
      const gain = numbers(state, `${name}.${part}_norm.weight`).map((weight) => 1 + weight);
      return projected.map((row, t) =>
        row.map((head) => turned(normed(head, gain, epsilon), t, theta, turning)),
      );
    };
    const both = x
      .map(dense(state, `${name}.q_proj`))
      .map((row) => headsOf(row, heads).map((head) => cut(head, head.length / 2, head.length / 2)));
    const k = x.map(dense(state, `${name}.k_proj`)).map((row) => headsOf(row, kvHeads));
    const v = x.map(dense(state, `${name}.v_proj`)).map((row) => headsOf(row, kvHeads));
    const queries = both.map((row) => row.map(([q]) => q!));
    return attended(prepared('q', queries), prepared('k', k), v)
      .map((row, t) =>
        times(
          row,
          both[t]!.flatMap(([, gate]) => gate!.map(sigmoid)),
        ),
      )
      .map(dense(state, `${name}.o_proj`));
  };

export interface PlainRecurrent {
  readonly names: {
    readonly base: string;
    readonly embedding: string;
    readonly mixerNorm: string;
    readonly mixer: (layer: number) => string;
    readonly feedForwardNorm?: string;
    readonly norm: string;
  };
  readonly layers: number;
  readonly epsilon: number;
  /** Gains are stored less one. */
  readonly centred?: boolean;
  readonly mixer: (layer: number) => Mixer;
}

/** Logits of each position; the embedding is the head where the state has none. */
export function plainRecurrent(
  state: State,
  { names, layers, epsilon, centred = false, mixer }: PlainRecurrent,
  tokens: readonly number[],
): readonly Row[] {
  const norm = (name: string): ((x: Row) => Row) => {
    const gain = numbers(state, `${name}.weight`).map((weight) => weight + Number(centred));
    return (x) => normed(x, gain, epsilon);
  };
  const table = rows(state, `${names.base}.${names.embedding}.weight`);
  let x: readonly Row[] = tokens.map((token) => table[token]!);
  for (let layer = 0; layer < layers; layer++) {
    const name = `${names.base}.layers.${layer}`;
    const mixed = mixer(layer)(
      state,
      `${name}.${names.mixer(layer)}`,
      x.map(norm(`${name}.${names.mixerNorm}`)),
    );
    x = x.map((row, t) => sum(row, mixed[t]!));
    if (names.feedForwardNorm === undefined) continue;
    const fed = x.map(norm(`${name}.${names.feedForwardNorm}`)).map(gatedMlp(state, `${name}.mlp`));
    x = x.map((row, t) => sum(row, fed[t]!));
  }
  const head = state.has('lm_head.weight') ? rows(state, 'lm_head.weight') : table;
  return x.map(norm(`${names.base}.${names.norm}`)).map((row) => head.map((weight) => dot(weight, row)));
}
