import type { OperatorMeaning } from '../meaning.ts';
import { sigmoid } from './sigmoid.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const sigmoidMeaning: OperatorMeaning = pointwiseMeaning(
  sigmoid,
  ({ X: x = 0 }) => 1 / (1 + Math.exp(-x)),
);
