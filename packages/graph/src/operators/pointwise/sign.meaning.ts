import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { sign } from './sign.ts';

export const signMeaning: OperatorMeaning = pointwiseMeaning(sign, ({ input = 0 }) => Math.sign(input));
