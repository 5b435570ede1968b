import type { OperatorMeaning } from '../meaning.ts';
import { rnnMeaningOfCell } from './rnn-step.ts';
import { rnn } from './rnn.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const rnnMeaning: OperatorMeaning = {
  operator: rnn,
  meaning: (context) => recurrentMeaning(rnnMeaningOfCell, context),
};
