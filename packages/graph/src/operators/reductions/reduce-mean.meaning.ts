import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceMean } from './reduce-mean.ts';

export const reduceMeanMeaning: OperatorMeaning = reductionMeaning(
  reduceMean,
  (values) => values.reduce((total, each) => total + each, 0) / values.length,
);
