import type { OperatorMeaning } from '../meaning.ts';
import { divWithFold } from './div.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const divMeaning: OperatorMeaning = pointwiseMeaning(divWithFold, ({ A: a = 0, B: b = 0 }) => a / b);
