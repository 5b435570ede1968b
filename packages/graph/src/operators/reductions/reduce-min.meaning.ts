import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceMin } from './reduce-min.ts';

export const reduceMinMeaning: OperatorMeaning = reductionMeaning(reduceMin, (values) => Math.min(...values));
