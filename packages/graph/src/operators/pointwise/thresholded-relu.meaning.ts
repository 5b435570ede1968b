import type { OperatorMeaning } from '../meaning.ts';
import { thresholdedRelu } from './thresholded-relu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const thresholdedReluMeaning: OperatorMeaning = pointwiseMeaning(
  thresholdedRelu,
  ({ X: x = 0 }, { alpha }) => (x > Number(alpha) ? x : 0),
);
