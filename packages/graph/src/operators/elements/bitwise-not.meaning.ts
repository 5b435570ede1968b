import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { bitwiseNot } from './bitwise-not.ts';

export const bitwiseNotMeaning: OperatorMeaning = pointwiseMeaning(bitwiseNot, ({ X: x = 0 }) => ~x);
