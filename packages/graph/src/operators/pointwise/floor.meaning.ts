import type { OperatorMeaning } from '../meaning.ts';
import { floor } from './floor.ts';
import { pointwiseMeaning } from './pointwise-meaning.ts';

export const floorMeaning: OperatorMeaning = pointwiseMeaning(floor, ({ X: x = 0 }) => Math.floor(x));
