import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { signWithIntegers } from './sign.ts';

export const signMeaning: OperatorMeaning = pointwiseMeaning(signWithIntegers, ({ input = 0 }) =>
  Math.sign(input),
);
