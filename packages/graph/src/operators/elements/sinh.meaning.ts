import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { sinh } from './sinh.ts';

export const sinhMeaning: OperatorMeaning = pointwiseMeaning(sinh, ({ input: x = 0 }) => Math.sinh(x));
