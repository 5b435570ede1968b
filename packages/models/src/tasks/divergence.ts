import { checkOptions, having, type OptionKind, positiveInteger, TilewrightError } from '@tilewright/kernels';

/** How far a model's predictions are from a reference's, over the same positions. */
export interface Divergence {
  /** Mean Kullback-Leibler divergence of the model from the reference, in nats per position. */
  readonly klToReference: number;
  /** Fraction of positions at which both have the same likeliest token. */
  readonly top1Agreement: number;
}

const logits: OptionKind = /* @__PURE__ */ having('a Float32Array of logits', 'subarray');

/** Compares a model's logits `[positions, vocabulary]` with a reference's. Throws as {@link divergence}. */
export type Comparison = (model: Float32Array) => Divergence;

/**
 * Compares logits `[positions, vocabulary]` of a reference and a model. Throws `bad-argument` for what is no logits, and `bad-shape` for
 * those that are not of the same positions.
 */
export function divergence(reference: Float32Array, model: Float32Array, vocabulary: number): Divergence {
  checkOptions(
    'divergence',
    { reference, model, vocabulary },
    { reference: logits, model: logits, vocabulary: positiveInteger },
  );
  return divergenceFrom(reference, vocabulary)(model);
}

/**
 * The same for many models and one reference: what is known of the reference is computed once. It keeps as many bytes as `reference` has,
 * and not `reference` itself.
 */
export function divergenceFrom(reference: Float32Array, vocabulary: number): Comparison {
  checkOptions('divergence', { reference, vocabulary }, { reference: logits, vocabulary: positiveInteger });
  const { length } = reference;
  const positions = Math.floor(length / vocabulary);
  const probabilities = new Float32Array(length);
  const choices = new Uint32Array(positions);
  const means = new Float64Array(positions);
  for (let row = 0; row < positions; row++) {
    const start = row * vocabulary;
    const { best, logSum } = rowOf(reference, start, vocabulary);
    for (let i = start; i < start + vocabulary; i++) probabilities[i] = Math.exp(reference[i]! - logSum);
    choices[row] = best;
    means[row] = meanLogProbability(probabilities, reference, start, vocabulary, logSum);
  }
  return (model) => {
    checkOptions('divergence', { model }, { model: logits });
    if (length !== model.length || length === 0 || length % vocabulary !== 0)
      throw new TilewrightError('bad-shape', {
        subject: 'divergence',
        problem: `there are ${length} and ${model.length} logits`,
        requirement: `both have as many, ${vocabulary} for each position`,
        fix: 'score the same tokens with both models',
      });
    let kl = 0;
    let agreeing = 0;
    for (let row = 0; row < positions; row++) {
      const start = row * vocabulary;
      const { best, logSum } = rowOf(model, start, vocabulary);
      // Both means have the same weights: those that are rounded to f32 leave no divergence of a model from itself.
      kl += means[row]! - meanLogProbability(probabilities, model, start, vocabulary, logSum);
      if (best === choices[row]) agreeing++;
    }
    return { klToReference: kl / positions, top1Agreement: agreeing / positions };
  };
}

/** The mean over `weights` of the log-probabilities of a row. */
function meanLogProbability(
  weights: Float32Array,
  values: Float32Array,
  start: number,
  count: number,
  logSum: number,
): number {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += weights[i]! * (values[i]! - logSum);
  return sum;
}

/** The first index, within its row, of the largest logit, and the logarithm of the sum of exponentials. */
function rowOf(
  values: Float32Array,
  start: number,
  count: number,
): { readonly best: number; readonly logSum: number } {
  let best = start;
  for (let i = start + 1; i < start + count; i++) if (values[i]! > values[best]!) best = i;
  const largest = values[best]!;
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += Math.exp(values[i]! - largest);
  return { best: best - start, logSum: largest + Math.log(sum) };
}
