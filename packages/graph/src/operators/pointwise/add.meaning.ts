import type { OperatorMeaning } from '../meaning.ts';
import { addWithFold } from './add.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const addMeaning: OperatorMeaning = pointwiseMeaning(addWithFold, ({ A: a = 0, B: b = 0 }) => a + b);
