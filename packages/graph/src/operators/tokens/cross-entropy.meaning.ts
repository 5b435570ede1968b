import { rowsOf } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { crossEntropy } from './cross-entropy.ts';

export const crossEntropyMeaning: OperatorMeaning = {
  operator: crossEntropy,
  meaning: ({ value, shape }) => ({
    loss: rowsOf(value('logits'), shape('logits').at(-1)!, (row, i) => {
      const largest = Math.max(...row);
      const sum = row.reduce((total, each) => total + Math.exp(each - largest), 0);
      return largest + Math.log(sum) - row[value('targets')[i]!]!;
    }),
  }),
};
