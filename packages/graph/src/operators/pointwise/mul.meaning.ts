import type { OperatorMeaning } from '../meaning.ts';
import { mulWithFold } from './mul.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const mulMeaning: OperatorMeaning = pointwiseMeaning(mulWithFold, ({ A: a = 0, B: b = 0 }) => a * b);
