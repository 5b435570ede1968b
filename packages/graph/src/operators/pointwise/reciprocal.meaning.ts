import type { OperatorMeaning } from '../meaning.ts';
import { reciprocal } from './reciprocal.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const reciprocalMeaning: OperatorMeaning = pointwiseMeaning(reciprocal, ({ X: x = 0 }) => 1 / x);
