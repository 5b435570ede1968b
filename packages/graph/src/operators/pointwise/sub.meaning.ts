import type { OperatorMeaning } from '../meaning.ts';
import { sub } from './sub.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const subMeaning: OperatorMeaning = pointwiseMeaning(sub, ({ A: a = 0, B: b = 0 }) => a - b);
