import type { FillingScope, PairPlace, ScoreReference } from '../../attention/slots.ts';
import type { Filling } from '../../core/filling.ts';

/** Slot `score`: ALiBi, `s - slope · |position - key|` with `score.slopes` `[heads]` (Press et al. 2022, arXiv 2108.12409). */
export const alibi: Filling<ScoreReference> = /* @__PURE__ */ Object.freeze({
  id: 'alibi',
  bindings: { slopes: { shape: ['heads'], dtype: 'f32' as const } },
  wgsl: (slot: string) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  return s - ${slot}_slopes_load(pair.head) * f32(abs(pair.position - i32(pair.key)));
}`,
  reference: (score: number, { head, position, key }: PairPlace, { tensor, round }: FillingScope) =>
    round(score - round(tensor('slopes')[head]! * Math.abs(position - key))),
});

/** Slot `score`: a temperature per head, `s · factor`, with `score.factors` `[heads]`. */
export const headTemperature: Filling<ScoreReference> = /* @__PURE__ */ Object.freeze({
  id: 'head-temperature',
  bindings: { factors: { shape: ['heads'], dtype: 'f32' as const } },
  wgsl: (slot: string) =>
    `fn ${slot}(s: f32, pair: Pair) -> f32 { return s * ${slot}_factors_load(pair.head); }`,
  reference: (score: number, { head }: PairPlace, { tensor, round }: FillingScope) =>
    round(score * tensor('factors')[head]!),
});

/**
 * Slot `score`: a learned bias by relative position, clipped to `reach` on either side: `score.table`
 * `[heads, 2 · reach + 1]`, entry `reach + clamp(key - position)` (T5's buckets, once spread out to distances; Swin in 1-D).
 */
export function relativeBias(reach: number): Filling<ScoreReference> {
  const entries = 2 * reach + 1;
  return {
    id: `relative-bias-${reach}`,
    bindings: { table: { shape: ['heads', entries], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let distance = clamp(i32(pair.key) - pair.position, -${reach}i, ${reach}i);
  return s + ${slot}_table_load(pair.head * ${entries}u + u32(distance + ${reach}i));
}`,
    reference: (score, { head, key, position }, { tensor, round }) => {
      const distance = Math.min(Math.max(key - position, -reach), reach);
      return round(score + tensor('table')[head * entries + distance + reach]!);
    },
  };
}
