import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';
import { swiGlu } from './swi-glu.ts';

export const swiGluMeaning: OperatorMeaning = pointwiseMeaning(
  swiGlu,
  ({ A: a = 0, B: b = 0 }, { alpha }) => (a / (1 + Math.exp(-Number(alpha) * a))) * b,
);
