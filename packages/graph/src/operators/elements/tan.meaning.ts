import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { tan } from './tan.ts';

export const tanMeaning: OperatorMeaning = pointwiseMeaning(tan, ({ input: x = 0 }) => Math.tan(x));
