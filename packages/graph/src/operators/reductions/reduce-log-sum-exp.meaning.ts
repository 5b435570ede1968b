import type { OperatorMeaning } from '../meaning.ts';
import { reduceLogSumExp } from './reduce-log-sum-exp.ts';
import { reductionMeaning } from './reduction-meaning.ts';

export const reduceLogSumExpMeaning: OperatorMeaning = reductionMeaning(reduceLogSumExp, (values) => {
  const largest = Math.max(...values);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(values.reduce((sum, each) => sum + Math.exp(each - largest), 0));
});
