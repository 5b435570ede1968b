import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { multiple } from './multiple.ts';

export const multipleMeaning: OperatorMeaning = pointwiseMeaning(
  multiple,
  ({ X: x = 0 }, { factor }) => Number(factor) * x,
);
