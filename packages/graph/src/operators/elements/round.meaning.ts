import type { OperatorMeaning } from '../meaning.ts';
import { pointwiseMeaning } from '../pointwise/pointwise-meaning.ts';
import { round } from './round.ts';

export const roundMeaning: OperatorMeaning = pointwiseMeaning(round, ({ X: x = 0 }) => roundedToEven(x));

function roundedToEven(x: number): number {
  const below = Math.floor(x);
  const part = x - below;
  if (part !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
