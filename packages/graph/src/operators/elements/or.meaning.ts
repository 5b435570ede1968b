import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { or } from './or.ts';

export const orMeaning: OperatorMeaning = pointwiseMeaning(or, ({ A: a = 0, B: b = 0 }) =>
  Number(a !== 0 || b !== 0),
);
