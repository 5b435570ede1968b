import type { OperatorMeaning } from '../meaning.ts';
import { tanh } from './tanh.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const tanhMeaning: OperatorMeaning = pointwiseMeaning(tanh, ({ X: x = 0 }) => Math.tanh(x));
