import type { OperatorMeaning } from '../meaning.ts';
import { elu } from './elu.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const eluMeaning: OperatorMeaning = pointwiseMeaning(elu, ({ X: x = 0 }, { alpha }) =>
  x < 0 ? Number(alpha) * Math.expm1(x) : x,
);
