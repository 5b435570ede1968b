import type { OperatorMeaning } from '../meaning.ts';
import { gruMeaningOfCell } from './gru-step.ts';
import { gru } from './gru.ts';
import { recurrentMeaning } from './recurrent-meaning.ts';

export const gruMeaning: OperatorMeaning = {
  operator: gru,
  meaning: (context) => recurrentMeaning(gruMeaningOfCell, context),
};
