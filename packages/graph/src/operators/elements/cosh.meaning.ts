import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { cosh } from './cosh.ts';

export const coshMeaning: OperatorMeaning = pointwiseMeaning(cosh, ({ input: x = 0 }) => Math.cosh(x));
