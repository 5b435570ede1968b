// Feature maps of rows. A map is a value: how many features it makes, WGSL, and the same in f64.
import type { Round } from '../../contract/check.ts';
import type { Filling } from '../../contract/filling.ts';
import circleWgsl from './circle.wgsl';

/** Features of a row; `project` gives the products of the head's projections and the row, `peak` what the scores are relative to. */
export type FeatureRowReference = (
  row: Float64Array,
  scope: { readonly project: () => Float64Array; readonly peak: number; readonly round: Round },
) => Float64Array;

/**
 * The slot `map` of feature-map. Its WGSL sees `x_at(j)`, an element of the row, and `projected(head, i)`, the product of a projection
 * and the row, and defines
 * - `fn <slot>_score(head: u32, i: u32) -> f32`: numbers of which the kernel finds the largest, `scores` of them;
 * - `fn <slot>_share(head: u32, i: u32, peak: f32) -> f32`: numbers that the kernel sums, where `sums` is set;
 * - `fn <slot>(head: u32, i: u32, peak: f32, total: f32) -> f32`: a feature.
 */
export interface FeatureMap {
  /** Features of a row of `size`, with `samples` projections. */
  readonly features: (size: number, samples: number) => number;
  /** Whether it reads projections. */
  readonly projects: boolean;
  /** Scores of a row, 1 where none are compared. */
  readonly scores: (size: number, samples: number) => number;
  readonly sums: boolean;
  readonly filling: Filling<FeatureRowReference>;
  /** Scores in f64, for peaks over tokens. */
  readonly score: (row: Float64Array, project: () => Float64Array, round: Round) => Float64Array;
}

const noScores = (slot: string): string =>
  `fn ${slot}_score(head: u32, i: u32) -> f32 { return 0.0; }
fn ${slot}_share(head: u32, i: u32, peak: f32) -> f32 { return 0.0; }`;
const none = (): Float64Array => new Float64Array(0);

/** exp(x) over its sum. */
export const softmaxFeatures: FeatureMap = /* @__PURE__ */ Object.freeze({
  features: (size: number) => size,
  projects: false,
  scores: (size: number) => size,
  sums: true,
  score: (row: Float64Array) => row,
  filling: {
    id: 'softmax',
    wgsl: (slot: string) => `fn ${slot}_score(head: u32, i: u32) -> f32 { return x_at(i); }
fn ${slot}_share(head: u32, i: u32, peak: f32) -> f32 { return decay_power(x_at(i) - peak); }
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 { return decay_power(x_at(i) - peak) / total; }`,
    reference: (row: Float64Array, { peak, round }: { readonly peak: number; readonly round: Round }) => {
      const powers = row.map((x) => round(Math.exp(round(x - peak))));
      const total = powers.reduce((sum, each) => round(sum + each), 0);
      return powers.map((each) => round(each / total));
    },
  },
});

/** √(1/m) [cos(Wx), sin(Wx)] (Rahimi and Recht 2007). */
export const cosSinFeatures: FeatureMap = /* @__PURE__ */ Object.freeze({
  features: (_: number, samples: number) => 2 * samples,
  projects: true,
  scores: () => 1,
  sums: false,
  score: none,
  filling: {
    id: 'cos-sin',
    wgsl: (slot: string) => `${circleWgsl}
${noScores(slot)}
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 {
  return cosine(projected(head, i % SAMPLES), i >= SAMPLES) * inverseSqrt(f32(SAMPLES));
}`,
    reference: (
      _: Float64Array,
      { project, round }: { readonly project: () => Float64Array; readonly round: Round },
    ) => {
      const angles = project();
      const scale = 1 / Math.sqrt(angles.length);
      return Float64Array.from({ length: 2 * angles.length }, (__, i) => {
        const angle = angles[i % angles.length]!;
        return round(scale * round(i < angles.length ? Math.cos(angle) : Math.sin(angle)));
      });
    },
  },
});

/** exp(Wx − |x|²/2 − peak) / √m, which never is negative (Choromanski et al. 2020, arXiv 2009.14794). */
export const positiveFeatures: FeatureMap = /* @__PURE__ */ Object.freeze({
  features: (_: number, samples: number) => samples,
  projects: true,
  scores: (_: number, samples: number) => samples,
  sums: false,
  score: (row: Float64Array, project: () => Float64Array, round: Round) =>
    positiveScores(row, project(), round),
  filling: {
    id: 'positive',
    wgsl: (slot: string) => `fn ${slot}_score(head: u32, i: u32) -> f32 {
  var square = 0.0;
  for (var j = 0u; j < SIZE; j++) { square += x_at(j) * x_at(j); }
  return projected(head, i) - 0.5 * square;
}
fn ${slot}_share(head: u32, i: u32, peak: f32) -> f32 { return 0.0; }
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 {
  return power(${slot}_score(head, i) - peak) * inverseSqrt(f32(SAMPLES));
}`,
    reference: (
      row: Float64Array,
      {
        project,
        peak,
        round,
      }: { readonly project: () => Float64Array; readonly peak: number; readonly round: Round },
    ) => {
      const scores = positiveScores(row, project(), round);
      const scale = 1 / Math.sqrt(scores.length);
      return scores.map((score) => round(scale * round(Math.exp(round(score - peak)))));
    },
  },
});

/** vec(x xᵀ), of which dot products are squares of those of x. */
export const squareFeatures: FeatureMap = /* @__PURE__ */ Object.freeze({
  features: (size: number) => size * size,
  projects: false,
  scores: () => 1,
  sums: false,
  score: none,
  filling: {
    id: 'square',
    wgsl: (slot: string) => `${noScores(slot)}
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 { return x_at(i / SIZE) * x_at(i % SIZE); }`,
    reference: (row: Float64Array, { round }: { readonly round: Round }) => squares(row, round),
  },
});

/** [1, x, vec(x xᵀ)/√2], of which dot products are 1 + q·k + (q·k)²/2 (Arora et al. 2024, arXiv 2402.18668). */
export const taylor2Features: FeatureMap = /* @__PURE__ */ Object.freeze({
  features: (size: number) => 1 + size + size * size,
  projects: false,
  scores: () => 1,
  sums: false,
  score: none,
  filling: {
    id: 'taylor2',
    wgsl: (slot: string) => `${noScores(slot)}
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 {
  if (i == 0u) { return 1.0; }
  if (i <= SIZE) { return x_at(i - 1u); }
  let pair = i - 1u - SIZE;
  return x_at(pair / SIZE) * x_at(pair % SIZE) * inverseSqrt(2.0);
}`,
    reference: (row: Float64Array, { round }: { readonly round: Round }) =>
      Float64Array.of(1, ...row, ...squares(row, round).map((each) => round(each / Math.SQRT2))),
  },
});

const squares = (row: Float64Array, round: Round): Float64Array =>
  Float64Array.from({ length: row.length ** 2 }, (_, i) =>
    round(row[Math.floor(i / row.length)]! * row[i % row.length]!),
  );

function positiveScores(row: Float64Array, projected: Float64Array, round: Round): Float64Array {
  const square = row.reduce((sum, x) => round(sum + round(x * x)), 0);
  return projected.map((each) => round(each - 0.5 * square));
}
