import type { OperatorMeaning } from '../meaning.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const hardSigmoidMeaning: OperatorMeaning = pointwiseMeaning(
  hardSigmoid,
  ({ X: x = 0 }, { alpha, beta }) => Math.min(Math.max(Number(alpha) * x + Number(beta), 0), 1),
);
