import type { OperatorMeaning } from '../meaning.ts';
import { div } from './div.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const divMeaning: OperatorMeaning = pointwiseMeaning(div, ({ A: a = 0, B: b = 0 }) => a / b);
