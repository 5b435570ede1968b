import type { OperatorMeaning } from '../meaning.ts';
import { mish } from './mish.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const mishMeaning: OperatorMeaning = pointwiseMeaning(
  mish,
  ({ X: x = 0 }) => x * Math.tanh(Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0)),
);
