import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { asinh } from './asinh.ts';

export const asinhMeaning: OperatorMeaning = pointwiseMeaning(asinh, ({ input: x = 0 }) => Math.asinh(x));
