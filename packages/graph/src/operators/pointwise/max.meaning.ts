import type { OperatorMeaning } from '../meaning.ts';
import { max } from './max.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const maxMeaning: OperatorMeaning = pointwiseMeaning(max, (operands) => {
  const all = Object.values(operands);
  return Math.max(...all);
});
