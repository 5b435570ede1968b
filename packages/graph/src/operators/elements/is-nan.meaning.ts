import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { isNaN as operator } from './is-nan.ts';

export const isNaNMeaning: OperatorMeaning = pointwiseMeaning(operator, ({ X: x = 0 }) =>
  Number(Number.isNaN(x)),
);
