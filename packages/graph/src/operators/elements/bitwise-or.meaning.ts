import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { bitwiseOr } from './bitwise-or.ts';

export const bitwiseOrMeaning: OperatorMeaning = pointwiseMeaning(
  bitwiseOr,
  ({ A: a = 0, B: b = 0 }) => a | b,
);
