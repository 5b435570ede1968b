import type { OperatorMeaning } from '../meaning.ts';
import { erf } from './erf.ts';
import { errorFunction } from './error-function.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const erfMeaning: OperatorMeaning = pointwiseMeaning(erf, ({ X: x = 0 }) => errorFunction(x));
