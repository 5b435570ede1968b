import type { OperatorMeaning } from '../meaning.ts';
import { softsign } from './softsign.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const softsignMeaning: OperatorMeaning = pointwiseMeaning(
  softsign,
  ({ input: x = 0 }) => x / (1 + Math.abs(x)),
);
