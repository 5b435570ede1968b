import { checkOptions, finiteNumber } from '../../contract/check-options.ts';
import type { FillingScope, PairPlace, ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { joined, within } from './joined.ts';

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

/** Slot `score`: `clamp(s, low, high)` (SPT's ±10; Gui et al. 2023, arXiv 2312.10365). */
export function scoreClamp(low: number, high: number): Filling<ScoreReference> {
  checkOptions('scoreClamp', { low, high }, { low: finiteNumber, high: finiteNumber });
  const [least, most] = [Math.fround(low), Math.fround(high)];
  return {
    id: `clamp(${low},${high})`,
    wgsl: (slot) =>
      `fn ${slot}(s: f32, pair: Pair) -> f32 { return keep_nan(s, clamp(s, f32(${least}), f32(${most}))); }`,
    reference: (score) => Math.min(Math.max(score, least), most),
  };
}

/** Slot `score`: s where it is positive, else `slope · s` (Power Law Graph Transformer; Gokden 2021, arXiv 2107.02039). */
export function leakyReluScore(slope: number): Filling<ScoreReference> {
  checkOptions('leakyReluScore', { slope }, { slope: finiteNumber });
  const factor = Math.fround(slope);
  return {
    id: `leaky-relu(${slope})`,
    wgsl: (slot) =>
      `fn ${slot}(s: f32, pair: Pair) -> f32 { return select(s * f32(${factor}), s, s >= 0.0); }`,
    reference: (score, _, { round }) => (score >= 0 ? score : round(score * factor)),
  };
}

/** Slot `score`: one after the other. Their tensors are `score.a_…` and `score.b_…`. */
export function scoresInTurn(
  a: Filling<ScoreReference>,
  b: Filling<ScoreReference>,
): Filling<ScoreReference> {
  const parts = joined('scoresInTurn', a, b);
  return {
    id: `in-turn(${a.id},${b.id})`,
    ...parts,
    wgsl: (slot) => `${a.wgsl(`${slot}_a`)}
${b.wgsl(`${slot}_b`)}
fn ${slot}(s: f32, pair: Pair) -> f32 { return ${slot}_b(${slot}_a(s, pair), pair); }`,
    reference: (score, pair, scope) =>
      b.reference(a.reference(score, pair, within(scope, 'a')), pair, within(scope, 'b')),
  };
}
