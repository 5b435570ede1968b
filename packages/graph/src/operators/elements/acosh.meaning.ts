import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { acosh } from './acosh.ts';

export const acoshMeaning: OperatorMeaning = pointwiseMeaning(acosh, ({ input: x = 0 }) => Math.acosh(x));
