import { rowsOf } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { sample } from './sample.ts';

/** The likeliest token: what sampling gives at temperature 0. */
export const sampleMeaning: OperatorMeaning = {
  operator: sample,
  meaning: ({ value, shape }) => {
    const vocabulary = shape('logits').at(-1)!;
    return {
      ids: rowsOf(value('logits'), vocabulary, (row) => row.indexOf(Math.max(...row))),
      logit: rowsOf(value('logits'), vocabulary, (row) => Math.max(...row)),
    };
  },
};
