import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { bitwiseXor } from './bitwise-xor.ts';

export const bitwiseXorMeaning: OperatorMeaning = pointwiseMeaning(
  bitwiseXor,
  ({ A: a = 0, B: b = 0 }) => a ^ b,
);
