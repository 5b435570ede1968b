import type { OperatorMeaning } from '../meaning.ts';
import { pRelu } from './p-relu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const pReluMeaning: OperatorMeaning = pointwiseMeaning(pRelu, ({ X: x = 0, slope = 0 }) =>
  x < 0 ? slope * x : x,
);
