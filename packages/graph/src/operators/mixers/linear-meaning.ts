// Linear attention in f64, a state after the other: what the meanings of its operators have in common.

/** One head's run over its tokens. */
export interface HeadRun {
  readonly tokens: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly reverse?: boolean;
  /** `[keySize, valueSize]`, changed in place. */
  readonly state: Float64Array;
  /** Changes the state by a token. */
  readonly learn: (state: Float64Array, token: number) => void;
  readonly read: (state: Float64Array, token: number) => void;
}

/** Learns and reads each token in running order. */
export function runHead({ tokens, reverse = false, state, learn, read }: HeadRun): void {
  for (let step = 0; step < tokens; step++) {
    const token = reverse ? tokens - 1 - step : step;
    learn(state, token);
    read(state, token);
  }
}

/** `Sᵀ x`, a number for each column of values. */
export function readState(state: Float64Array, x: ArrayLike<number>): Float64Array {
  const size = state.length / x.length;
  const y = new Float64Array(size);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < size; j++) y[j]! += x[i]! * state[i * size + j]!;
  return y;
}

/** `S += x yᵀ`. */
export function addOuter(state: Float64Array, x: ArrayLike<number>, y: ArrayLike<number>): void {
  for (let i = 0; i < x.length; i++)
    for (let j = 0; j < y.length; j++) state[i * y.length + j]! += x[i]! * y[j]!;
}

/** Rows of a state times the powers of these logarithms; one for all, or one each. */
export function decayState(state: Float64Array, keySize: number, logarithms: ArrayLike<number>): void {
  const size = state.length / keySize;
  for (let i = 0; i < keySize; i++) {
    const factor = Math.exp(logarithms[logarithms.length === 1 ? 0 : i]!);
    for (let j = 0; j < size; j++) state[i * size + j]! *= factor;
  }
}

/** A row of packed heads `[batch, tokens, heads, size]`. */
export const headRow = (
  data: Float64Array,
  { tokens, heads, size }: { readonly tokens: number; readonly heads: number; readonly size: number },
  batch: number,
  token: number,
  head: number,
): Float64Array => {
  const from = ((batch * tokens + token) * heads + head) * size;
  return data.subarray(from, from + size);
};

/** A state with its axes exchanged. */
export function transposed(state: Float64Array, rows: number): Float64Array {
  const columns = state.length / rows;
  return state.map((_, i) => state[(i % rows) * columns + Math.floor(i / rows)]!);
}
