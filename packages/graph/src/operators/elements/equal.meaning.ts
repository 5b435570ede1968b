import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { equal } from './equal.ts';

export const equalMeaning: OperatorMeaning = pointwiseMeaning(equal, ({ A: a = 0, B: b = 0 }) =>
  Number(a === b),
);
