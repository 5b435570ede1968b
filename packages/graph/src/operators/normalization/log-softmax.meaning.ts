import type { OperatorMeaning } from '../meaning.ts';
import { logSoftmax } from './log-softmax.ts';
import { alongAxis } from './along-axis.ts';

export const logSoftmaxMeaning: OperatorMeaning = alongAxis(
  logSoftmax,
  (shifted, sum) => shifted - Math.log(sum),
);
