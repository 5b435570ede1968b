import type { OperatorMeaning } from '../meaning.ts';
import { softplus } from './softplus.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const softplusMeaning: OperatorMeaning = pointwiseMeaning(
  softplus,
  ({ X: x = 0 }) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
);
