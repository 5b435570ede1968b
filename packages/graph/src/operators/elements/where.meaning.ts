import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { where } from './where.ts';

export const whereMeaning: OperatorMeaning = pointwiseMeaning(where, ({ condition, X: x = 0, Y: y = 0 }) =>
  condition === 0 ? y : x,
);
