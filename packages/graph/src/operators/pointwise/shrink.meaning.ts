import type { OperatorMeaning } from '../meaning.ts';
import { shrink } from './shrink.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const shrinkMeaning: OperatorMeaning = pointwiseMeaning(shrink, ({ input: x = 0 }, { lambd, bias }) =>
  x < -Number(lambd) ? x + Number(bias) : x > Number(lambd) ? x - Number(bias) : 0,
);
