import { type Drawn, heads, size } from './curve.ts';

/** Which keys a query of a head takes part with. */
export type Sees = (drawn: Drawn, head: number, query: number) => (key: number) => boolean;

/** How many queries of each head are computed in f64: all of them would take longer than what is measured. */
const sampledQueries = 6;

/** max |got - want| / max |want| over sampled queries of `[heads, queries, size]`; infinite where anything is not a number. */
export function sampledError(sees: Sees, drawn: Drawn, got: Float32Array): number {
  const { queries } = drawn;
  const count = Math.min(sampledQueries, queries);
  let [worst, largest] = [0, 0];
  for (let head = 0; head < heads; head++)
    for (let i = 0; i < count; i++) {
      // From the first query to the last, those between at uneven places.
      const query =
        count === 1 ? 0 : Math.round(((queries - 1) * i * (i + head + 1)) / ((count - 1) * (count + head)));
      const want = attend(sees, drawn, head, query);
      const at = (head * queries + query) * size;
      for (let channel = 0; channel < size; channel++) {
        const difference = Math.abs(got[at + channel]! - want[channel]!);
        worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
        largest = Math.max(largest, Math.abs(want[channel]!));
      }
    }
  return worst / (largest || 1);
}

/** `softmax(q kᵀ / √size) v` of one query, in f64. */
function attend(sees: Sees, drawn: Drawn, head: number, query: number): Float64Array {
  const { queries, keys, q, k, v } = drawn;
  const from = (head * queries + query) * size;
  const isSeen = sees(drawn, head, query);
  const scores = Float64Array.from({ length: keys }, (_, key) => {
    if (!isSeen(key)) return -Infinity;
    let sum = 0;
    for (let i = 0; i < size; i++) sum += q[from + i]! * k[(head * keys + key) * size + i]!;
    return sum / Math.sqrt(size);
  });
  const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const y = new Float64Array(size);
  weights.forEach((weight, key) => {
    if (weight === 0) return;
    for (let i = 0; i < size; i++) y[i]! += (weight / total) * v[(head * keys + key) * size + i]!;
  });
  return y;
}
