import type { OperatorMeaning } from '../meaning.ts';
import { subWithFold } from './sub.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const subMeaning: OperatorMeaning = pointwiseMeaning(subWithFold, ({ A: a = 0, B: b = 0 }) => a - b);
