import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { atan } from './atan.ts';

export const atanMeaning: OperatorMeaning = pointwiseMeaning(atan, ({ input: x = 0 }) => Math.atan(x));
