import type { OperatorMeaning } from '../meaning.ts';
import { negWithIntegers } from './neg.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const negMeaning: OperatorMeaning = pointwiseMeaning(negWithIntegers, ({ X: x = 0 }) => -x);
