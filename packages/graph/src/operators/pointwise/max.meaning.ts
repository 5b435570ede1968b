import type { OperatorMeaning } from '../meaning.ts';
import { maxWithIntegers } from './max.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const maxMeaning: OperatorMeaning = pointwiseMeaning(maxWithIntegers, (operands) => {
  const all = Object.values(operands);
  return Math.max(...all);
});
