import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceSumSquare } from './reduce-sum-square.ts';

export const reduceSumSquareMeaning: OperatorMeaning = reductionMeaning(reduceSumSquare, (values) =>
  values.reduce((total, each) => total + each * each, 0),
);
