// Softmax attention as a formula, in f64, for tests that write out what a composition of kernels must give.

/** Rows of one head: token by token, channels together. */
export type Rows = readonly (readonly number[])[];

/** softmax(q kᵀ / √size) v, over the keys that a query sees; zeros where it sees none. */
export function plainAttention(
  q: Rows,
  k: Rows,
  v: Rows,
  sees: (query: number, key: number) => boolean = () => true,
): number[][] {
  return q.map((row, query) => {
    const scores = k.map((key, index) =>
      sees(query, index)
        ? key.reduce((sum, value, d) => sum + value * row[d]!, 0) / Math.sqrt(row.length)
        : -Infinity,
    );
    const largest = Math.max(...scores);
    const weights = scores.map((score) => (score === -Infinity ? 0 : Math.exp(score - largest)));
    const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    return (v[0] ?? []).map((_, d) =>
      weights.reduce((sum, weight, i) => sum + (weight / total) * v[i]![d]!, 0),
    );
  });
}

/** Rows of one head of `[tokens, heads, size]`. */
export const rowsOfHead = (
  values: ArrayLike<number>,
  heads: number,
  size: number,
  head: number,
): number[][] =>
  Array.from({ length: values.length / heads / size }, (_, token) =>
    Array.from({ length: size }, (_unused, d) => values[(token * heads + head) * size + d]!),
  );

/** `[tokens, heads, size]` from the rows of each head. */
export const interleaved = (heads: readonly Rows[]): number[] =>
  heads[0]!.flatMap((_, token) => heads.flatMap((rows) => [...rows[token]!]));
