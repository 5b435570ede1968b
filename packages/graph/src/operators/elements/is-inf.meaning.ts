import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { isInf } from './is-inf.ts';

export const isInfMeaning: OperatorMeaning = pointwiseMeaning(
  isInf,
  ({ X: x = 0 }, { detect_negative: negative, detect_positive: positive }) =>
    Number((x === Infinity && positive === 1) || (x === -Infinity && negative === 1)),
);
