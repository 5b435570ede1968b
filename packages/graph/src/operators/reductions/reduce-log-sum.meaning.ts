import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceLogSum } from './reduce-log-sum.ts';

export const reduceLogSumMeaning: OperatorMeaning = reductionMeaning(reduceLogSum, (values) =>
  Math.log(values.reduce((total, each) => total + each, 0)),
);
