import { checkOptions, having, type OptionKind, positiveInteger, TilewrightError } from '@tilewright/kernels';

/** How far a model's predictions are from a reference's, over the same positions. */
export interface Divergence {
  /** Mean Kullback-Leibler divergence of the model from the reference, in nats per position. */
  readonly klToReference: number;
  /** Fraction of positions at which both have the same likeliest token. */
  readonly top1Agreement: number;
}

const logits: OptionKind = /* @__PURE__ */ having('a Float32Array of logits', 'subarray');

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
  if (reference.length !== model.length || reference.length === 0 || reference.length % vocabulary !== 0)
    throw new TilewrightError('bad-shape', {
      subject: 'divergence',
      problem: `there are ${reference.length} and ${model.length} logits`,
      requirement: `both have as many, ${vocabulary} for each position`,
      fix: 'score the same tokens with both models',
    });
  const positions = reference.length / vocabulary;
  let kl = 0;
  let agreeing = 0;
  for (let row = 0; row < positions; row++) {
    const p = reference.subarray(row * vocabulary, (row + 1) * vocabulary);
    const q = model.subarray(row * vocabulary, (row + 1) * vocabulary);
    const [a, b] = [logSumExp(p), logSumExp(q)];
    for (let i = 0; i < vocabulary; i++) kl += Math.exp(p[i]! - a) * (p[i]! - a - (q[i]! - b));
    if (indexOfLargest(p) === indexOfLargest(q)) agreeing++;
  }
  return { klToReference: kl / positions, top1Agreement: agreeing / positions };
}

function logSumExp(row: Float32Array): number {
  const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

function indexOfLargest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}
