import type { OperatorMeaning } from '../meaning.ts';
import { rnnRecurrence } from './rnn-recurrence.ts';
import { rnnMeaningOfCell } from './rnn-step.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const rnnRecurrenceMeaning: OperatorMeaning = {
  operator: rnnRecurrence,
  meaning: (context) => recurrentMeaning(rnnMeaningOfCell, context),
};
