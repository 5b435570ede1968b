import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceMax } from './reduce-max.ts';

export const reduceMaxMeaning: OperatorMeaning = reductionMeaning(reduceMax, (values) => Math.max(...values));
