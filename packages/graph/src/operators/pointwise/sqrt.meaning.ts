import type { OperatorMeaning } from '../meaning.ts';
import { sqrt } from './sqrt.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const sqrtMeaning: OperatorMeaning = pointwiseMeaning(sqrt, ({ X: x = 0 }) => Math.sqrt(x));
