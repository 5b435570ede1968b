import { attentionReference } from '../reference.ts';
import { withWeights } from '../score-tiles.ts';
import { attentionSlots, type MaskReference, type WeightReference } from '../slots.ts';
import type { Oracle } from '../../contract/check.ts';

/** Where nothing is left of a stick: older keys are not read. */
const nothing = Math.exp(-104);

/** Products as the papers write them, not sums of logs; what is left travels as the log-sum-exp. */
const breakStick: WeightReference = (scores, _, { round }) => {
  const weights = new Float64Array(scores.length);
  let rest = 1;
  for (let key = scores.length - 1; key >= 0; key--) {
    if (rest < nothing) break;
    if (scores[key] === -Infinity) continue;
    weights[key] = round(rest * round(1 / round(1 + round(Math.exp(-scores[key]!)))));
    rest = round(rest * round(1 / round(1 + round(Math.exp(scores[key]!)))));
  }
  return { weights, logSumExp: rest };
};

export const stickBreakingReference: Oracle = (input) => {
  const { options, slots } = input;
  const own = (slots.mask ?? attentionSlots.mask.default.reference) as MaskReference;
  const mask: MaskReference = (score, pair, scope) =>
    options.attend_self === false && pair.key === pair.position ? -Infinity : own(score, pair, scope);
  const { y, lse } = attentionReference({
    ...input,
    options: { ...options, causal: true, window_right: -1, lse: true },
    slots: withWeights({ ...slots, mask }, breakStick),
  });
  return options.remainder === true ? { y: y!, remainder: lse! } : { y: y! };
};
