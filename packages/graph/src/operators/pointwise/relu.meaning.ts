import type { OperatorMeaning } from '../meaning.ts';
import { relu } from './relu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const reluMeaning: OperatorMeaning = pointwiseMeaning(relu, ({ X: x = 0 }) => Math.max(x, 0));
