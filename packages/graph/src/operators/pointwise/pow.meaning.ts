import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { powWithIntegers } from './pow.ts';

export const powMeaning: OperatorMeaning = pointwiseMeaning(
  powWithIntegers,
  ({ X: x = 0, Y: y = 0 }) => x ** y,
);
