import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { lessOrEqual } from './less-or-equal.ts';

export const lessOrEqualMeaning: OperatorMeaning = pointwiseMeaning(lessOrEqual, ({ A: a = 0, B: b = 0 }) =>
  Number(a <= b),
);
