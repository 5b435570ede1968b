import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { bitwiseAnd } from './bitwise-and.ts';

export const bitwiseAndMeaning: OperatorMeaning = pointwiseMeaning(
  bitwiseAnd,
  ({ A: a = 0, B: b = 0 }) => a & b,
);
