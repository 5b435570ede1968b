import type { OperatorMeaning } from '../meaning.ts';
import { minWithIntegers } from './min.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const minMeaning: OperatorMeaning = pointwiseMeaning(minWithIntegers, (operands) => {
  const all = Object.values(operands);
  return Math.min(...all);
});
