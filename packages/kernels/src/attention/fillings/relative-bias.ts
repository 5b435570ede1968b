import { checkOptions, nonNegativeInteger } from '../../contract/check-options.ts';
import type { PairPlace, ReweightReference, ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `score`: a learned bias by relative position, clipped to `reach` on either side: `score.table`
 * `[heads, 2 · reach + 1]`, entry `reach + clamp(key - position)` (T5's buckets by {@link t5BiasTable}; Swin in 1-D).
 */
export function relativeBias(reach: number): Filling<ScoreReference> {
  checkOptions('relativeBias', { reach }, { reach: nonNegativeInteger });
  return {
    id: `relative-bias-${reach}`,
    bindings: { table: { shape: ['heads', 2 * reach + 1], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  return s + ${slot}_table_load(${entryWgsl(reach)});
}`,
    reference: (score, pair, { tensor, round }) => round(score + tensor('table')[entryOf(reach, pair)]!),
  };
}

/**
 * Slot `reweight`: weights times a learned factor by relative position after the softmax, so that rows need not sum to 1:
 * `reweight.table` as {@link relativeBias}'s (URPE; Luo et al. 2022, arXiv 2205.13401).
 */
export function relativeFactor(reach: number): Filling<ReweightReference> {
  checkOptions('relativeFactor', { reach }, { reach: nonNegativeInteger });
  return {
    id: `relative-factor-${reach}`,
    bindings: { table: { shape: ['heads', 2 * reach + 1], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(weight: f32, pair: Pair) -> f32 {
  return weight * ${slot}_table_load(${entryWgsl(reach)});
}`,
    reference: (weight, pair, { tensor, round }) => round(weight * tensor('table')[entryOf(reach, pair)]!),
  };
}

const entryWgsl = (reach: number): string =>
  `pair.head * ${2 * reach + 1}u + u32(clamp(i32(pair.key) - pair.position, -${reach}i, ${reach}i) + ${reach}i)`;

const entryOf = (reach: number, { head, key, position }: PairPlace): number =>
  head * (2 * reach + 1) + Math.min(Math.max(key - position, -reach), reach) + reach;
