import type { OperatorMeaning } from '../meaning.ts';
import { lstmMeaningOfCell } from './lstm-step.ts';
import { lstm } from './lstm.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const lstmMeaning: OperatorMeaning = {
  operator: lstm,
  meaning: (context) => recurrentMeaning(lstmMeaningOfCell, context),
};
