// The normaliser of kernelized attention.
import { checkOptions, finiteNumber } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import type { FinishReference } from './slots.ts';

/** Slot `finish`: the output over the sum of weights and `epsilon`. */
export function sumRatio(epsilon: number): Filling<FinishReference> {
  checkOptions('sumRatio', { epsilon }, { epsilon: finiteNumber });
  return {
    id: `sum-ratio-${epsilon}`,
    wgsl: (slot) => `fn ${slot}(place: Place, head: u32, column: u32, value: f32, sum: f32) -> f32 {
  return value / (sum + f32(${Math.fround(epsilon)}));
}`,
    reference: (_, { value, sum }, { round }) => round(value / round(sum + epsilon)),
  };
}
