import type { OperatorMeaning } from '../meaning.ts';
import { errorFunction } from './error-function.ts';
import { gelu } from './gelu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const geluMeaning: OperatorMeaning = pointwiseMeaning(gelu, ({ X: x = 0 }, { approximate }) =>
  approximate === 'tanh'
    ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : 0.5 * x * (1 + errorFunction(x / Math.SQRT2)),
);
