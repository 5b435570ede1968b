import { attentionReference } from '../reference.ts';
import { withWeights } from '../score-tiles.ts';
import { attentionSlots, type WeightReference } from '../slots.ts';
import type { Oracle } from '../../contract/check.ts';

export const clippedSoftmaxReference: Oracle = (input) => {
  const { zeta, gamma } = input.scalars as { zeta: number; gamma: number };
  const softmax = attentionSlots.weight.default.reference as WeightReference;
  const clipped: WeightReference = (scores, head, scope) => {
    const { round } = scope;
    const { weights, logSumExp } = softmax(scores, head, scope);
    const stretch = (weight: number): number => round(round((zeta - gamma) * weight) + gamma);
    return {
      weights: weights.map((weight, key) =>
        scores[key] === -Infinity ? 0 : Math.min(Math.max(stretch(weight), 0), 1),
      ),
      logSumExp,
    };
  };
  const { y } = attentionReference({ ...input, slots: withWeights(input.slots, clipped) });
  return { y: y! };
};
