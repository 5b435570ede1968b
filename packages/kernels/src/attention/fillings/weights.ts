import { checkOptions, finiteNumber } from '../../contract/check-options.ts';
import { attentionSlots, type FillingScope, masked, type WeightReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

const softmax = attentionSlots.weight.default as Filling<WeightReference>;

/**
 * Slot `weight`: softmax with one more logit per head that attends to nothing, `weight.sinks` `[heads]` (gpt-oss; Xiao et
 * al. 2024, arXiv 2309.17453, learned). The log-sum-exp includes the sink.
 */
export const sinkSoftmax: Filling<WeightReference> = /* @__PURE__ */ Object.freeze({
  id: 'sink-softmax',
  bindings: { sinks: { shape: ['heads'], dtype: 'f32' as const } },
  wgsl: (slot: string) => `${softmax.wgsl(`${slot}_plain`)}
fn ${slot}_update(peak: f32, largest: f32) -> f32 { return ${slot}_plain_update(peak, largest); }
fn ${slot}_rescale(before: f32, after: f32) -> f32 { return ${slot}_plain_rescale(before, after); }
fn ${slot}_of(s: f32, peak: f32) -> f32 { return ${slot}_plain_of(s, peak); }
fn ${slot}_finish(peak: f32, sum: f32, head: u32) -> vec2<f32> {
  let sink = ${slot}_sinks_load(head);
  let largest = max(peak, sink);
  let before = bounded_power(peak - largest);
  let total = sum * before + bounded_power(sink - largest);
  return vec2<f32>(before / total, largest + logarithm(total));
}`,
  reference: (scores: Float64Array, head: number, scope: FillingScope) => {
    const withSink = Float64Array.of(...scores, scope.tensor('sinks')[head]!);
    const { weights, logSumExp } = softmax.reference(withSink, head, scope);
    return { weights: weights.subarray(0, scores.length), logSumExp };
  },
});

/** Weights that stand for themselves: no peak, no normaliser; each score is weighted by `of`. */
function independentWeight(
  id: string,
  of: string,
  reference: (score: number, round: FillingScope['round']) => number,
): Filling<WeightReference> {
  return {
    id,
    wgsl: (slot) => `fn ${slot}_update(peak: f32, largest: f32) -> f32 { return 0.0; }
fn ${slot}_rescale(before: f32, after: f32) -> f32 { return 1.0; }
fn ${slot}_of(s: f32, peak: f32) -> f32 { return ${of}; }
fn ${slot}_finish(peak: f32, sum: f32, head: u32) -> vec2<f32> { return vec2<f32>(1.0, MASKED); }`,
    reference: (scores, _, { round }) => ({
      weights: scores.map((score) => (score === -Infinity ? 0 : reference(score, round))),
      logSumExp: masked,
    }),
  };
}

/** Slot `weight`: relu(s)² instead of softmax (So et al. 2021; Hua et al. 2022). Normalise by the scale. */
export const squaredReluWeight: Filling<WeightReference> = /* @__PURE__ */ independentWeight(
  'squared-relu',
  'keep_nan(s, max(s, 0.0) * max(s, 0.0))',
  (score, round) => round(Math.max(score, 0) ** 2),
);

/** Slot `weight`: sigmoid(s + bias) instead of softmax; `bias` is usually -log(keys) (Ramapuram et al. 2024, arXiv 2409.04431). */
export function sigmoidWeight(bias: number): Filling<WeightReference> {
  checkOptions('sigmoidWeight', { bias }, { bias: finiteNumber });
  const term = `f32(${Math.fround(bias)})`;
  return independentWeight(
    `sigmoid(${bias})`,
    `keep_nan(s, 1.0 / (1.0 + exp(clamp(-(s + ${term}), -88.0, 88.0))))`,
    (score, round) => round(1 / round(1 + round(Math.exp(-round(score + Math.fround(bias)))))),
  );
}

/**
 * Slot `weight`: exp(s), not normalised; scores above 88 count as 88. With {@link gaussianSimilarity}, whose scores are never
 * positive, the plain Gaussian kernel.
 */
export const exponentialWeight: Filling<WeightReference> = /* @__PURE__ */ independentWeight(
  'exponential',
  'keep_nan(s, exp(clamp(s, -104.0, 88.0)))',
  (score, round) => round(Math.exp(Math.min(score, 88))),
);
