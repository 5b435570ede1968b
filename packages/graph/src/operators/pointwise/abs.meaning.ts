import type { OperatorMeaning } from '../meaning.ts';
import { abs } from './abs.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const absMeaning: OperatorMeaning = pointwiseMeaning(abs, ({ X: x = 0 }) => Math.abs(x));
