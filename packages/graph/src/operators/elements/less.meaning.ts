import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { less } from './less.ts';

export const lessMeaning: OperatorMeaning = pointwiseMeaning(less, ({ A: a = 0, B: b = 0 }) => Number(a < b));
