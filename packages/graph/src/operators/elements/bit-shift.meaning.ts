import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { bitShift } from './bit-shift.ts';

export const bitShiftMeaning: OperatorMeaning = pointwiseMeaning(
  bitShift,
  ({ X: x = 0, Y: y = 0 }, { direction }) =>
    direction === 'LEFT' ? (x * 2 ** y) % 2 ** 32 : Math.floor(x / 2 ** y),
);
