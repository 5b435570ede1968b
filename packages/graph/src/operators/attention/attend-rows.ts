// Attention of packed rows in f64, one query after the other. For meanings.

export interface AttendedRow {
  /** Its first token and the one after its last. */
  readonly tokens: readonly [number, number];
  readonly length: number;
}

export interface RowsAttention {
  readonly rows: readonly AttendedRow[];
  readonly heads: number;
  readonly kvHeads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly positions: number;
  readonly q: ArrayLike<number>;
  /** Channel of a key or of a value. */
  readonly key: (row: number, kvHead: number, position: number, channel: number) => number;
  readonly value: (row: number, kvHead: number, position: number, channel: number) => number;
  readonly scale: number | null;
  readonly softcap: number;
  readonly window: number;
  /** To add to scores `[heads, tokens, positions]`; -∞ where nothing is seen. */
  readonly added: readonly ArrayLike<number>[];
}

export function attendRows(of: RowsAttention): Float64Array {
  const { heads, kvHeads, keySize, valueSize, positions } = of;
  const tokens = of.q.length / (heads * keySize);
  const y = new Float64Array(tokens * heads * valueSize);
  const scale = of.scale ?? 1 / Math.sqrt(keySize);
  of.rows.forEach(({ tokens: [first, end], length }, row) => {
    for (let token = first; token < end; token++)
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor(head / (heads / kvHeads));
        const position = length - end + token;
        const scores = Float64Array.from({ length: position + 1 }, (_, key) => {
          if (of.window >= 0 && key < position - of.window) return -Infinity;
          let dot = 0;
          for (let c = 0; c < keySize; c++)
            dot += of.q[(token * heads + head) * keySize + c]! * of.key(row, kvHead, key, c);
          const s = of.softcap > 0 ? of.softcap * Math.tanh((dot * scale) / of.softcap) : dot * scale;
          return of.added.reduce((sum, each) => sum + each[(head * tokens + token) * positions + key]!, s);
        });
        const largest = scores.reduce((most, each) => Math.max(most, each), -Infinity);
        if (largest === -Infinity) continue;
        const weights = scores.map((each) => Math.exp(each - largest));
        const total = weights.reduce((sum, each) => sum + each, 0);
        weights.forEach((weight, key) => {
          for (let c = 0; c < valueSize; c++)
            y[(token * heads + head) * valueSize + c]! += (weight / total) * of.value(row, kvHead, key, c);
        });
      }
  });
  return y;
}
