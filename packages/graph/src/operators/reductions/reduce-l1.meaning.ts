import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceL1 } from './reduce-l1.ts';

export const reduceL1Meaning: OperatorMeaning = reductionMeaning(reduceL1, (values) =>
  values.reduce((total, each) => total + Math.abs(each), 0),
);
