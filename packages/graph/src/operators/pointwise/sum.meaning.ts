import type { OperatorMeaning } from '../meaning.ts';
import { sum } from './sum.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const sumMeaning: OperatorMeaning = pointwiseMeaning(sum, (operands) => {
  const all = Object.values(operands);
  return all.reduce((total, each) => total + each, 0);
});
