import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { xor } from './xor.ts';

export const xorMeaning: OperatorMeaning = pointwiseMeaning(xor, ({ A: a = 0, B: b = 0 }) =>
  Number((a !== 0) !== (b !== 0)),
);
