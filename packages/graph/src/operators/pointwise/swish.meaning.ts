import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { swish } from './swish.ts';

export const swishMeaning: OperatorMeaning = pointwiseMeaning(
  swish,
  ({ X: x = 0 }, { alpha }) => x / (1 + Math.exp(-Number(alpha) * x)),
);
