import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceL2 } from './reduce-l2.ts';

export const reduceL2Meaning: OperatorMeaning = reductionMeaning(reduceL2, (values) =>
  Math.sqrt(values.reduce((total, each) => total + each * each, 0)),
);
