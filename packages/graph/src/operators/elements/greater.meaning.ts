import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { greater } from './greater.ts';

export const greaterMeaning: OperatorMeaning = pointwiseMeaning(greater, ({ A: a = 0, B: b = 0 }) =>
  Number(a > b),
);
