import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceSum } from './reduce-sum.ts';

export const reduceSumMeaning: OperatorMeaning = reductionMeaning(reduceSum, (values) =>
  values.reduce((total, each) => total + each, 0),
);
