import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { pow } from './pow.ts';

export const powMeaning: OperatorMeaning = pointwiseMeaning(pow, ({ X: x = 0, Y: y = 0 }) => x ** y);
