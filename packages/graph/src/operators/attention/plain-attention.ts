// ONNX Attention in f64, one score after the other, readable beside the standard. For meanings.

export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface PlainAttention {
  readonly q: PlainTensor;
  readonly k: PlainTensor;
  readonly v: PlainTensor;
  /** Booleans as 0 and 1. */
  readonly mask?: PlainTensor & { readonly boolean: boolean };
  readonly pastKey?: PlainTensor;
  readonly pastValue?: PlainTensor;
  readonly lengths?: ArrayLike<number>;
  /** Keys before the queries where they are among `k` already; default those of `pastKey`. */
  readonly pastTokens?: number;
  readonly attributes: Readonly<Record<string, number>>;
}

export interface PlainAttended {
  readonly y: Float64Array;
  readonly scores: Float64Array;
  readonly presentKey: Float64Array;
  readonly presentValue: Float64Array;
}

export interface Rows {
  readonly batch: number;
  readonly heads: number;
  readonly tokens: number;
  readonly size: number;
  readonly at: (b: number, h: number, t: number, c: number) => number;
}

/** Either form: `[batch, heads, tokens, size]`, or packed `[batch, tokens, heads · size]`. */
export function rowsOf({ shape, data }: PlainTensor, packedHeads: number): Rows {
  const packed = shape.length === 3;
  const [batch, heads, tokens, size] = packed
    ? [shape[0]!, packedHeads, shape[1]!, shape[2]! / packedHeads]
    : (shape as [number, number, number, number]);
  return {
    batch,
    heads,
    tokens,
    size,
    at: (b, h, t, c) =>
      data[packed ? ((b * tokens + t) * heads + h) * size + c : ((b * heads + h) * tokens + t) * size + c]!,
  };
}

/** Past rows, then new ones. */
export function joinedRows(past: Rows | undefined, next: Rows): Rows {
  if (!past) return next;
  return {
    ...next,
    tokens: past.tokens + next.tokens,
    at: (b, h, t, c) => (t < past.tokens ? past.at(b, h, t, c) : next.at(b, h, t - past.tokens, c)),
  };
}

export function plainAttention(input: PlainAttention): PlainAttended {
  const {
    q_num_heads: heads = 0,
    kv_num_heads: kvHeads = 0,
    qk_matmul_output_mode: mode = 0,
  } = input.attributes;
  const q = rowsOf(input.q, heads);
  const past = input.pastKey && rowsOf(input.pastKey, 0);
  const k = joinedRows(past, rowsOf(input.k, kvHeads));
  const v = joinedRows(input.pastValue && rowsOf(input.pastValue, 0), rowsOf(input.v, kvHeads));
  const y = new Float64Array(q.batch * q.heads * q.tokens * v.size);
  const scores = new Float64Array(q.batch * q.heads * q.tokens * k.tokens);
  for (let b = 0; b < q.batch; b++)
    for (let h = 0; h < q.heads; h++)
      for (let i = 0; i < q.tokens; i++) {
        const kv = Math.floor(h / (q.heads / k.heads));
        const row = scoreRow(input, q, k, { b, h, kv, i }, input.pastTokens ?? past?.tokens ?? 0);
        const weights = softmax(row.masked);
        const modes = [row.raw, row.capped, row.masked, weights];
        scores.set(modes[mode]!, ((b * q.heads + h) * q.tokens + i) * k.tokens);
        for (let c = 0; c < v.size; c++) {
          const at =
            input.q.shape.length === 3
              ? ((b * q.tokens + i) * q.heads + h) * v.size + c
              : ((b * q.heads + h) * q.tokens + i) * v.size + c;
          y[at] = weights.reduce(
            (sum, weight, j) => sum + (weight === 0 ? 0 : weight * v.at(b, kv, j, c)),
            0,
          );
        }
      }
  return { y, scores, presentKey: flatRows(k), presentValue: flatRows(v) };
}

function scoreRow(
  { mask, lengths, attributes }: PlainAttention,
  q: Rows,
  k: Rows,
  {
    b,
    h,
    kv,
    i,
  }: {
    readonly b: number;
    readonly h: number;
    readonly kv: number;
    readonly i: number;
  },
  pastTokens: number,
): Readonly<Record<'raw' | 'capped' | 'masked', Float64Array>> {
  const { scale = 1 / Math.sqrt(q.size), softcap = 0, is_causal: causal = 0 } = attributes;
  const { left_window_size: left = -1, right_window_size: right = -1 } = attributes;
  const raw = Float64Array.from({ length: k.tokens }, (_, j) => {
    let sum = 0;
    for (let c = 0; c < q.size; c++) sum += q.at(b, h, i, c) * k.at(b, kv, j, c);
    return scale * sum;
  });
  const capped = softcap > 0 ? raw.map((s) => softcap * Math.tanh(s / softcap)) : raw;
  const position = i + (lengths ? lengths[b]! - q.tokens : pastTokens);
  const masked = capped.map((s, j) => {
    const seen =
      (!causal || j <= position) &&
      (left < 0 || j >= position - left) &&
      (right < 0 || j <= position + right) &&
      (!lengths || j < lengths[b]!);
    return seen ? s + maskAt(mask, [b, h, i, j]) : -Infinity;
  });
  return { raw, capped, masked };
}

function maskAt(mask: PlainAttention['mask'], index: readonly number[]): number {
  if (!mask) return 0;
  const { shape, data, boolean } = mask;
  const place = index.slice(4 - shape.length);
  if (place.at(-1)! >= shape.at(-1)!) return -Infinity;
  const at = shape.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : place[axis]!), 0);
  return boolean ? (data[at] ? 0 : -Infinity) : data[at]!;
}

function softmax(row: Float64Array): Float64Array {
  const largest = row.reduce((most, each) => Math.max(most, each), -Infinity);
  if (largest === -Infinity) return new Float64Array(row.length);
  const powers = row.map((each) => Math.exp(each - largest));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

export function flatRows({ batch, heads, tokens, size, at }: Rows): Float64Array {
  return Float64Array.from({ length: batch * heads * tokens * size }, (_, i) =>
    at(
      Math.floor(i / (heads * tokens * size)),
      Math.floor(i / (tokens * size)) % heads,
      Math.floor(i / size) % tokens,
      i % size,
    ),
  );
}
