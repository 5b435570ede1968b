// Feature maps that work element by element: what the slot `feature_map` of linear attention takes.
import type { Round } from '../../contract/check.ts';
import type { Filling } from '../../contract/filling.ts';
import type { FeatureMapReference } from './slots.ts';

export { identityMap } from './slots.ts';

/** elu(x) + 1 (Katharopoulos et al. 2020, arXiv 2006.16236). */
export const elu1Map: Filling<FeatureMapReference> = /* @__PURE__ */ Object.freeze({
  id: 'elu1',
  wgsl: (slot: string) =>
    `fn ${slot}(x: f32) -> f32 { return select(keep_nan(x, exp(clamp(x, -104.0, 0.0))), x + 1.0, x > 0.0); }`,
  reference: (x: number, round: Round) => (x > 0 ? round(x + 1) : round(Math.exp(x))),
});

/** max(x, 0). */
export const reluMap: Filling<FeatureMapReference> = /* @__PURE__ */ Object.freeze({
  id: 'relu',
  wgsl: (slot: string) => `fn ${slot}(x: f32) -> f32 { return keep_nan(x, max(x, 0.0)); }`,
  reference: (x: number) => Math.max(x, 0),
});

/** max(x, 0)². */
export const squaredReluMap: Filling<FeatureMapReference> = /* @__PURE__ */ Object.freeze({
  id: 'squared-relu',
  wgsl: (slot: string) =>
    `fn ${slot}(x: f32) -> f32 { let positive = keep_nan(x, max(x, 0.0)); return positive * positive; }`,
  reference: (x: number, round: Round) => round(Math.max(x, 0) ** 2),
});

/** exp(x). */
export const expMap: Filling<FeatureMapReference> = /* @__PURE__ */ Object.freeze({
  id: 'exp',
  wgsl: (slot: string) => `fn ${slot}(x: f32) -> f32 { return power(x); }`,
  reference: (x: number, round: Round) => round(Math.exp(x)),
});
