import type { Oracle } from '../../contract/check.ts';
import { largestIndex } from '../../numbers/ordered.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const crossEntropyReference: Oracle = ({ axes, options, inputs, round }) => {
  const { rows, vocab } = axes as { rows: number; vocab: number };
  const [loss, kl, agree] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const logits = describeRow(inputs.logits!.subarray(row * vocab, (row + 1) * vocab), round);
    const target = inputs.targets![row]!;
    if (target < vocab) loss[row] = round(round(Math.log(logits.sum)) - logits.shifted[target]!);
    if (!options.reference) continue;
    const reference = describeRow(inputs.reference!.subarray(row * vocab, (row + 1) * vocab), round);
    kl[row] = divergence(reference, logits, round);
    agree[row] = logits.likeliest === reference.likeliest ? 1 : 0;
  }
  return options.reference ? { loss, kl, agree } : { loss };
};

interface DescribedRow {
  readonly shifted: Float64Array;
  readonly powers: Float64Array;
  readonly sum: number;
  readonly likeliest: number;
}

function describeRow(row: Float64Array, round: (value: number) => number): DescribedRow {
  const most = row.reduce((a, b) => Math.max(a, b));
  const shifted = row.map((value) => round(value - most));
  const powers = shifted.map((value) => round(Math.exp(value)));
  return { shifted, powers, sum: pairwiseSum(powers, round), likeliest: largestIndex(row) };
}

/** Σ p (log p - log q), written as Σ (q - p + p (log p - log q)): p and q sum to 1, and now no term is negative. */
function divergence(reference: DescribedRow, model: DescribedRow, round: (value: number) => number): number {
  const shift = round(round(Math.log(model.sum)) - round(Math.log(reference.sum)));
  const terms = reference.powers.map((power, i) => {
    const p = round(power / reference.sum);
    const d = round(round(reference.shifted[i]! - model.shifted[i]!) + shift);
    if (Math.abs(d) < 0.3) return round(p * (Math.expm1(-d) + d));
    return round(round(round(model.powers[i]! / model.sum) - p) + round(p * d));
  });
  return pairwiseSum(terms, round);
}
