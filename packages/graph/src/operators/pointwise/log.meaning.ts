import type { OperatorMeaning } from '../meaning.ts';
import { log } from './log.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const logMeaning: OperatorMeaning = pointwiseMeaning(log, ({ X: x = 0 }) => Math.log(x));
