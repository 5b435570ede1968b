import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { and } from './and.ts';

export const andMeaning: OperatorMeaning = pointwiseMeaning(and, ({ A: a = 0, B: b = 0 }) =>
  Number(a !== 0 && b !== 0),
);
