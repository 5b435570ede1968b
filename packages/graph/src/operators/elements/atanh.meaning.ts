import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { atanh } from './atanh.ts';

export const atanhMeaning: OperatorMeaning = pointwiseMeaning(atanh, ({ input: x = 0 }) => Math.atanh(x));
