import type { OperatorMeaning } from '../meaning.ts';
import { hardSwish } from './hard-swish.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const hardSwishMeaning: OperatorMeaning = pointwiseMeaning(
  hardSwish,
  ({ X: x = 0 }) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
);
