import type { OperatorMeaning } from '../meaning.ts';
import { selu } from './selu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const seluMeaning: OperatorMeaning = pointwiseMeaning(
  selu,
  ({ X: x = 0 }, { alpha, gamma }) => Number(gamma) * (x < 0 ? Number(alpha) * Math.expm1(x) : x),
);
