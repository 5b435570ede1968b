import type { OperatorMeaning } from '../meaning.ts';
import { delayedSum } from './delayed-sum.ts';

/** Sums of delayed tokens, `delays` to a batch row. */
export function delayed(
  x: Float64Array,
  [, tokens, channels]: readonly [batch: number, tokens: number, channels: number],
  weights: Float64Array,
  delays: Float64Array,
  count: number,
): Float64Array {
  return x.map((_, at) => {
    const [token, row] = [Math.floor(at / channels) % tokens, Math.floor(at / channels / tokens)];
    let sum = 0;
    for (let i = row * count; i < (row + 1) * count; i++)
      sum += weights[i]! * x[(row * tokens + ((token + delays[i]!) % tokens)) * channels + (at % channels)]!;
    return sum;
  });
}

export const delayedSumMeaning: OperatorMeaning = {
  operator: delayedSum,
  meaning: ({ value, shape }) => ({
    y: delayed(
      value('x'),
      shape('x') as readonly [number, number, number],
      value('weights'),
      value('delays'),
      shape('delays')[1]!,
    ),
  }),
};
