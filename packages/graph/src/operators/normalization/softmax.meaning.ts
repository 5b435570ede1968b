import type { OperatorMeaning } from '../meaning.ts';
import { alongAxis } from './along-axis.ts';
import { softmax } from './softmax.ts';

export const softmaxMeaning: OperatorMeaning = alongAxis(softmax, (shifted, sum) => Math.exp(shifted) / sum);
