import type { OperatorMeaning } from '../meaning.ts';
import { min } from './min.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const minMeaning: OperatorMeaning = pointwiseMeaning(min, (operands) => {
  const all = Object.values(operands);
  return Math.min(...all);
});
