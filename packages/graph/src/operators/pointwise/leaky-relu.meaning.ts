import type { OperatorMeaning } from '../meaning.ts';
import { leakyRelu } from './leaky-relu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const leakyReluMeaning: OperatorMeaning = pointwiseMeaning(leakyRelu, ({ X: x = 0 }, { alpha }) =>
  x < 0 ? Number(alpha) * x : x,
);
