// What the oracle's operators have in common, in f64.
/** Rows divided by their root mean square. */
export function rmsNormalise(x: Float64Array, columns: number, epsilon: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += columns) {
    const row = x.subarray(start, start + columns);
    const scale = 1 / Math.sqrt(row.reduce((sum, each) => sum + each * each, 0) / columns + epsilon);
    row.forEach((each, i) => (y[start + i] = each * scale));
  }
  return y;
}

/** `a [m, k] · bᵀ`, b `[n, k]`. */
export function multiply(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const [m, n] = [a.length / k, b.length / k];
  const y = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let c = 0; c < k; c++) sum += a[i * k + c]! * b[j * k + c]!;
      y[i * n + j] = sum;
    }
  return y;
}

/** Turns pairs of each head by the angle of the row's position; `pair(i)` gives the two channels of pair i. */
export function rotate(
  x: Float64Array,
  heads: number,
  table: Float64Array,
  half: number,
  positions: Float64Array,
  pair: (i: number) => readonly [number, number],
): Float64Array {
  const y = x.slice();
  const tokens = positions.length / 2;
  const headSize = x.length / tokens / heads;
  for (let token = 0; token < tokens; token++)
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < half; i++) {
        const start = (token * heads + head) * headSize;
        const [a, b] = pair(i).map((channel) => start + channel) as [number, number];
        const at = (positions[2 * token]! * half + i) * 2;
        const [cos, sin] = [table[at]!, table[at + 1]!];
        y[a] = x[a]! * cos - x[b]! * sin;
        y[b] = x[b]! * cos + x[a]! * sin;
      }
  return y;
}

/** Writes rows `[tokens, heads · size]` into a cache `[batch, heads, capacity, size]`, at the second column of positions. */
export function scatter(
  past: Float64Array,
  shape: readonly number[],
  update: Float64Array,
  positions: Float64Array,
): Float64Array {
  const [, heads, capacity, size] = shape as [number, number, number, number];
  const present = past.slice();
  for (let token = 0; token < positions.length / 2; token++)
    for (let head = 0; head < heads; head++) {
      const from = (token * heads + head) * size;
      const place = positions[2 * token + 1]!;
      const line = (Math.floor(place / capacity) * heads + head) * capacity + (place % capacity);
      present.set(update.subarray(from, from + size), line * size);
    }
  return present;
}

/** Columns `from` to before `to` of rows of `width`. */
export function columnsOf(x: Float64Array, width: number, from: number, to: number): Float64Array {
  const rows = x.length / width;
  const y = new Float64Array(rows * (to - from));
  for (let row = 0; row < rows; row++)
    y.set(x.subarray(row * width + from, row * width + to), row * (to - from));
  return y;
}

/** Something of each row. */
export function rowsOf(
  x: Float64Array,
  columns: number,
  of: (row: Float64Array, index: number) => number,
): Float64Array {
  return Float64Array.from({ length: x.length / columns }, (_, i) =>
    of(x.subarray(i * columns, (i + 1) * columns), i),
  );
}
