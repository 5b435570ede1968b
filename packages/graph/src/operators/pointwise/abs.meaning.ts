import type { OperatorMeaning } from '../meaning.ts';
import { absWithIntegers } from './abs.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const absMeaning: OperatorMeaning = pointwiseMeaning(absWithIntegers, ({ X: x = 0 }) => Math.abs(x));
