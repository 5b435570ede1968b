import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { not } from './not.ts';

export const notMeaning: OperatorMeaning = pointwiseMeaning(not, ({ X: x = 0 }) => Number(x === 0));
