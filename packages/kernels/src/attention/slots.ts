// What the slots of the attention kernels promise, and what fills them when nobody says otherwise.
//
// WGSL sees these types (place.wgsl): `qk_fragment` and `v_fragment` are vec4<f32>, or f32 where the head or value size
// is no multiple of 4; `unit` counts fragments within a row.
//   struct Token { batch, head, index, at: u32 }                 a row of q, k, v or y; `at` is its first fragment
//   struct Pair { batch, head, query, key: u32, position: i32, length: u32 }     one score
//   struct Tile { batch, head, heads, query, queries, key, keys: u32 }          first ones and counts of a block of scores
// and these functions, which hold in packed batches too:
//   fn length_of(batch: u32) -> u32                              valid keys of a batch row
//   fn query_position(batch: u32, query: u32) -> i32             where a query stands among them
import type { Filling, SlotContract } from '../contract/filling.ts';
import type { Round } from '../contract/check.ts';

/** What a reference function may read: its filling's tensors by binding name, and the problem's sizes. */
export interface FillingScope {
  tensor(binding: string): Float64Array;
  readonly uniforms: Readonly<Record<string, number>>;
  readonly axes: Readonly<Record<string, number>>;
  /** Where a query stands among the keys of its batch row. */
  positionOf(batch: number, query: number): number;
  /** Valid keys of a batch row. */
  lengthOf(batch: number): number;
  readonly round: Round;
}

export interface RowPlace {
  readonly batch: number;
  readonly head: number;
  readonly index: number;
}

export interface PairPlace {
  readonly batch: number;
  readonly head: number;
  readonly query: number;
  readonly key: number;
  /** Of the query among the keys: what causal order and windows go by. May be negative. */
  readonly position: number;
  /** Valid keys of the batch row. */
  readonly length: number;
}

/**
 * `load_q`, `load_k`, `load_v`: `fn <slot>(token: Token, unit: u32) -> fragment`; for keys and values also
 * `fn <slot>_at(batch: u32, head: u32, index: u32) -> u32`, which gives `token.at` (`head` is the key/value head).
 * The reference gets the row as stored, lazily.
 */
export type LoadReference = (
  place: RowPlace,
  stored: () => Float64Array,
  scope: FillingScope,
) => Float64Array;

/** `fn similarity(sum: f32, q: qk_fragment, k: qk_fragment, unit: u32) -> f32`, from 0 over all units. */
export type SimilarityReference = (q: Float64Array, k: Float64Array, scope: FillingScope) => number;

/** `fn score(s: f32, pair: Pair) -> f32`, after scale and soft-cap: biases. */
export type ScoreReference = (score: number, pair: PairPlace, scope: FillingScope) => number;

/**
 * `fn mask(s: f32, pair: Pair) -> f32`: the score, or `MASKED` where the query does not see the key; and
 * `fn mask_tile(tile: Tile) -> u32`: 0 when nothing in the block is seen, so that it can be skipped, 2 when all of it is
 * and `mask` need not be asked, else 1. `mask_tile` may only use its argument, `params`,
 * `length_of(batch)`, `query_position(batch, query)` and read-only bindings, so that it is the same for a whole workgroup.
 * The reference gives -Infinity for what is not seen.
 */
export type MaskReference = (score: number, pair: PairPlace, scope: FillingScope) => number;

/**
 * `weight`: scores to weights while they stream by. `peak` is the running value that weights are relative to.
 * - `fn weight_update(peak: f32, largest: f32) -> f32`: the new peak, `largest` being the largest score just met;
 *   `MASKED` stands for none on either side.
 * - `fn weight_rescale(before: f32, after: f32) -> f32`: what sums taken relative to `before` are multiplied with.
 * - `fn weight_of(s: f32, peak: f32) -> f32`: the weight of a score that is not masked.
 * - `fn weight_finish(peak: f32, sum: f32, head: u32) -> vec2<f32>`: the factor of the output, and the log-sum-exp.
 * The reference gets a row's scores (-Infinity where masked) and gives its weights and log-sum-exp.
 */
export type WeightReference = (
  scores: Float64Array,
  head: number,
  scope: FillingScope,
) => { readonly weights: Float64Array; readonly logSumExp: number };

/**
 * `fn reweight(weight: f32, pair: Pair) -> f32`: the weight that values are multiplied with, from the one that enters the
 * normaliser (a factor after the softmax, rescaling without renormalising). `pair` is seen by the query. The WGSL gets
 * weights relative to a running peak and not yet normalised, so it must be linear: `reweight(c · w) = c · reweight(w)`.
 * The log-sum-exp, and so the merging of parts, knows nothing of it. The reference gets normalised weights.
 */
export type ReweightReference = (weight: number, pair: PairPlace, scope: FillingScope) => number;

/** `fn epilogue(token: Token, unit: u32, value: v_fragment)`: stores one fragment of the output; `token` is a row of y. */
export type EpilogueReference = (row: Float64Array, place: RowPlace, scope: FillingScope) => Float64Array;

/** Stands for a score that does not take part; below every score, and finite as WGSL demands. */
export const masked = -3.4e38;

const stored: LoadReference = (_, row) => row();

const plainLoadQ: Filling<LoadReference> = {
  id: 'plain',
  wgsl: (slot) => `fn ${slot}(token: Token, unit: u32) -> qk_fragment { return q_load(token.at + unit); }`,
  reference: stored,
};

const plainLoad = (tensor: 'k' | 'v', fragment: string): Filling<LoadReference> => ({
  id: 'plain',
  wgsl: (
    slot,
  ) => `fn ${slot}_at(batch: u32, head: u32, index: u32) -> u32 { return ${tensor}_at(batch, head, index); }
fn ${slot}(token: Token, unit: u32) -> ${fragment} { return ${tensor}_load(token.at + unit); }`,
  reference: stored,
});

const dotProduct: Filling<SimilarityReference> = {
  id: 'dot',
  wgsl: (slot) =>
    `fn ${slot}(sum: f32, q: qk_fragment, k: qk_fragment, unit: u32) -> f32 { return sum + qk_dot(q, k); }`,
  reference: (q, k, { round }) => pairwiseDot(q, k, round, 0, q.length),
};

const noBias: Filling<ScoreReference> = {
  id: 'plain',
  wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 { return s; }`,
  reference: (score) => score,
};

const noMask: Filling<MaskReference> = {
  id: 'none',
  wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 { return s; }
fn ${slot}_tile(tile: Tile) -> u32 { return 2u; }`,
  reference: (score) => score,
};

/** `exp(s - peak)`. */
const softmax: Filling<WeightReference> = {
  id: 'softmax',
  wgsl: (slot) => `fn ${slot}_update(peak: f32, largest: f32) -> f32 { return max(peak, largest); }
fn ${slot}_rescale(before: f32, after: f32) -> f32 { return bounded_power(before - after); }
fn ${slot}_of(s: f32, peak: f32) -> f32 { return bounded_power(s - peak); }
fn ${slot}_finish(peak: f32, sum: f32, head: u32) -> vec2<f32> {
  if (!is_some(sum)) { return vec2<f32>(0.0, MASKED); }
  return vec2<f32>(1.0 / sum, peak + logarithm(sum));
}`,
  reference: (scores, _, { round }) => {
    const peak = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    if (peak === -Infinity) return { weights: new Float64Array(scores.length), logSumExp: masked };
    const weights = scores.map((score) => round(Math.exp(round(score - peak))));
    const sum = weights.reduce((total, weight) => round(total + weight), 0);
    return {
      weights: weights.map((weight) => round(weight / sum)),
      logSumExp: round(peak + round(Math.log(sum))),
    };
  },
};

const noReweight: Filling<ReweightReference> = {
  id: 'plain',
  wgsl: (slot) => `fn ${slot}(weight: f32, pair: Pair) -> f32 { return weight; }`,
  reference: (weight) => weight,
};

const store: Filling<EpilogueReference> = {
  id: 'store',
  wgsl: (slot) =>
    `fn ${slot}(token: Token, unit: u32, value: v_fragment) { y_store(token.at + unit, value); }`,
  reference: (row) => row,
};

export const attentionSlots: Readonly<Record<AttentionSlot, SlotContract>> = {
  /** A fragment of a query: rotary position, normalisation. */
  load_q: { default: plainLoadQ },
  /** A fragment of a key: rotary position, dequantized or paged cache. */
  load_k: { default: plainLoad('k', 'qk_fragment') },
  /** A fragment of a value: dequantized or paged cache. */
  load_v: { default: plainLoad('v', 'v_fragment') },
  /** How query and key are compared. */
  similarity: { default: dotProduct },
  /** Biases, after scale and soft-cap. */
  score: { default: noBias },
  /** Which keys a query sees, with a test for whole blocks. */
  mask: { default: noMask },
  /** Scores to weights: softmax, sinks, squared ReLU. */
  weight: { default: softmax },
  /** Factors after the softmax, not part of its sum. */
  reweight: { default: noReweight },
  /** Stores the output: gates, residuals. */
  epilogue: { default: store },
};

export type AttentionSlot =
  | 'load_q'
  | 'load_k'
  | 'load_v'
  | 'similarity'
  | 'score'
  | 'mask'
  | 'weight'
  | 'reweight'
  | 'epilogue';

function pairwiseDot(a: Float64Array, b: Float64Array, round: Round, from: number, to: number): number {
  if (to - from === 1) return round(a[from]! * b[from]!);
  const middle = (from + to) >> 1;
  return round(pairwiseDot(a, b, round, from, middle) + pairwiseDot(a, b, round, middle, to));
}
