import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { shiftedExp } from './shifted-exp.ts';

export const shiftedExpMeaning: OperatorMeaning = pointwiseMeaning(shiftedExp, ({ X: x = 0, M: m = 0 }) =>
  Math.exp(Math.abs(m) < 3.4e38 ? x - m : x),
);
