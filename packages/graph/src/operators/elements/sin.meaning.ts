import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { sin } from './sin.ts';

export const sinMeaning: OperatorMeaning = pointwiseMeaning(sin, ({ input: x = 0 }) => Math.sin(x));
