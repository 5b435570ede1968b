import type { OperatorMeaning } from '../meaning.ts';
import { cumSum } from './cum-sum.ts';
import { runningMeaning } from './running-meaning.ts';

export const cumSumMeaning: OperatorMeaning = runningMeaning(cumSum, 0, (running, value) => running + value);
