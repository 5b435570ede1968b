import { rowsOf } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { sample } from './sample.ts';

/** The likeliest token: what sampling gives at temperature 0. */
export const sampleMeaning: OperatorMeaning = {
  operator: sample,
  meaning: ({ value, shape }) => ({
    ids: rowsOf(value('logits'), shape('logits')[1]!, (row) => row.indexOf(Math.max(...row))),
  }),
};
