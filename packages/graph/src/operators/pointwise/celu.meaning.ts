import type { OperatorMeaning } from '../meaning.ts';
import { celu } from './celu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const celuMeaning: OperatorMeaning = pointwiseMeaning(
  celu,
  ({ X: x = 0 }, { alpha }) =>
    Math.max(x, 0) + Math.min(Number(alpha) * Math.expm1(Math.min(x / Number(alpha), 0)), 0),
);
