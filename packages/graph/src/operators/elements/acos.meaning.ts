import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { acos } from './acos.ts';

export const acosMeaning: OperatorMeaning = pointwiseMeaning(acos, ({ input: x = 0 }) => Math.acos(x));
