import { checkOptions, positiveInteger, finiteNumber } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import type { ObserveAReference } from './slots.ts';

/** Nothing is gathered, every row's factor is 1; kernels know this filling and skip the work. */
export const observeNothing: Filling<ObserveAReference> = {
  id: 'nothing',
  wgsl: (slot) => `fn ${slot}(v: vec4<f32>) -> vec2<f32> { return vec2<f32>(); }
fn ${slot}_finish(s: vec2<f32>) -> f32 { return 1.0; }`,
  reference: ({ rows }) => new Float64Array(rows).fill(1),
};

/**
 * A root mean square norm in front of the product, whose gain is already in the weight (or in `load_a`): the sum of
 * squares of each row of `k` values rides along the product's own loop, and `1 / sqrt(mean + eps)` scales its results.
 */
export function rmsObserve(eps: number, k: number): Filling<ObserveAReference> {
  checkOptions('rmsObserve', { eps, k }, { eps: finiteNumber, k: positiveInteger });
  return {
    id: `rms-${eps}-${k}`,
    wgsl: (slot) => `fn ${slot}(v: vec4<f32>) -> vec2<f32> { return vec2<f32>(dot(v, v), 0.0); }
fn ${slot}_finish(s: vec2<f32>) -> f32 { return inverseSqrt(s.x / f32(${k}) + f32(${Math.fround(eps)})); }`,
    reference: { eps, k },
  };
}
