import type { OperatorMeaning } from '../meaning.ts';
import { mean } from './mean.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const meanMeaning: OperatorMeaning = pointwiseMeaning(mean, (operands) => {
  const all = Object.values(operands);
  return all.reduce((total, each) => total + each, 0) / all.length;
});
