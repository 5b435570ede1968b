import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { cos } from './cos.ts';

export const cosMeaning: OperatorMeaning = pointwiseMeaning(cos, ({ input: x = 0 }) => Math.cos(x));
