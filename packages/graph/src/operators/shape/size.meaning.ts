import type { OperatorMeaning } from '../meaning.ts';
import { countOf } from './places.ts';
import { size } from './size.ts';

export const sizeMeaning: OperatorMeaning = {
  operator: size,
  meaning: ({ shape }) => ({ size: Float64Array.of(countOf(shape('data'))) }),
};
