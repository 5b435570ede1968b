import type { OperatorMeaning } from '../meaning.ts';
import { clipWithIntegers } from './clip.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const clipMeaning: OperatorMeaning = pointwiseMeaning(
  clipWithIntegers,
  ({ input = 0, min = -Infinity, max = Infinity }) => Math.min(Math.max(input, min), max),
);
