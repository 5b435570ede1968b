import type { OperatorMeaning } from '../meaning.ts';
import { ceil } from './ceil.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const ceilMeaning: OperatorMeaning = pointwiseMeaning(ceil, ({ X: x = 0 }) => Math.ceil(x));
