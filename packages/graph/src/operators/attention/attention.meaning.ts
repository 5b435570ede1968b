import type { OperatorMeaning } from '../meaning.ts';
import { attended } from './attention-parts.ts';
import { attention } from './attention.ts';

/** What its parts must come to. */
export const attentionMeaning: OperatorMeaning = {
  operator: attention,
  meaning: (context) => {
    const { y, scores, presentKey, presentValue } = attended(context);
    return {
      Y: y,
      present_key: presentKey,
      present_value: presentValue,
      qk_matmul_output: scores,
    };
  },
};
