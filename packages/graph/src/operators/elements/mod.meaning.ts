import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { mod } from './mod.ts';

export const modMeaning: OperatorMeaning = pointwiseMeaning(mod, ({ A: a = 0, B: b = 1 }, { fmod }) => {
  const remainder = a % b;
  return fmod === 0 &&
    Number.isInteger(a) &&
    Number.isInteger(b) &&
    remainder !== 0 &&
    remainder < 0 !== b < 0
    ? remainder + b
    : remainder;
});
