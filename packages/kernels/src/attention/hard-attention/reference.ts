import { attentionReference } from '../reference.ts';
import { withWeights } from '../score-tiles.ts';
import type { WeightReference } from '../slots.ts';
import type { Oracle } from '../../contract/check.ts';
import { compareDescending } from '../../numbers/ordered.ts';

/** What `indices` holds where a query sees no key. */
export const noKey = 0xffff_ffff;

/** All weight on the first of the largest scores; the index travels as the log-sum-exp. */
const first: WeightReference = (scores) => {
  const weights = new Float64Array(scores.length);
  let index = noKey;
  scores.forEach((score, key) => {
    if (score === -Infinity) return;
    if (index === noKey || compareDescending(scores[index]!, score) > 0) index = key;
  });
  if (index !== noKey) weights[index] = 1;
  return { weights, logSumExp: index };
};

export const hardAttentionReference: Oracle = (input) => {
  const { y, lse } = attentionReference({
    ...input,
    options: { ...input.options, lse: true },
    slots: withWeights(input.slots, first),
  });
  return input.options.indices === true ? { y: y!, indices: lse! } : { y: y! };
};
