import type { OperatorMeaning } from '../meaning.ts';
import { gruRecurrence } from './gru-recurrence.ts';
import { gruMeaningOfCell } from './gru-step.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const gruRecurrenceMeaning: OperatorMeaning = {
  operator: gruRecurrence,
  meaning: (context) => recurrentMeaning(gruMeaningOfCell, context),
};
