import type { OperatorMeaning } from '../meaning.ts';
import { neg } from './neg.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const negMeaning: OperatorMeaning = pointwiseMeaning(neg, ({ X: x = 0 }) => -x);
