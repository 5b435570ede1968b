import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { asin } from './asin.ts';

export const asinMeaning: OperatorMeaning = pointwiseMeaning(asin, ({ input: x = 0 }) => Math.asin(x));
