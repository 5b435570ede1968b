import type { OperatorMeaning } from '../meaning.ts';
import { exp } from './exp.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const expMeaning: OperatorMeaning = pointwiseMeaning(exp, ({ X: x = 0 }) => Math.exp(x));
