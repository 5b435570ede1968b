import type { OperatorMeaning } from '../meaning.ts';
import { lstmRecurrence } from './lstm-recurrence.ts';
import { lstmMeaningOfCell } from './lstm-step.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const lstmRecurrenceMeaning: OperatorMeaning = {
  operator: lstmRecurrence,
  meaning: (context) => recurrentMeaning(lstmMeaningOfCell, context),
};
