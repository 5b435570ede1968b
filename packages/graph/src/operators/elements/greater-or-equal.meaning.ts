import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { greaterOrEqual } from './greater-or-equal.ts';

export const greaterOrEqualMeaning: OperatorMeaning = pointwiseMeaning(
  greaterOrEqual,
  ({ A: a = 0, B: b = 0 }) => Number(a >= b),
);
