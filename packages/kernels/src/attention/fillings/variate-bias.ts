import type { FillingScope, PairPlace, ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `score`: several series in one row: `score.biases` (f32 `[heads, 2]`) adds its first number where query and key are of
 * the same series and its second where not; `score.variates` (u32 `[batch, keys]`) names the series of each place (any-variate
 * attention; Woo et al. 2024, arXiv 2402.02592).
 */
export const variateBias: Filling<ScoreReference> = /* @__PURE__ */ Object.freeze({
  id: 'variate-bias',
  bindings: {
    biases: { shape: ['heads', 2], dtype: 'f32' as const },
    variates: { shape: ['batch', 'keys'], dtype: 'u32' as const },
  },
  wgsl: (slot: string) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let row = pair.batch * params.keys;
  let own = ${slot}_variates_load(row + u32(clamp(pair.position, 0i, i32(params.keys) - 1i)));
  let same = own == ${slot}_variates_load(row + pair.key);
  return s + ${slot}_biases_load(2u * pair.head + select(1u, 0u, same));
}`,
  reference: (
    score: number,
    { batch, head, key, position }: PairPlace,
    { tensor, axes, round }: FillingScope,
  ) => {
    const variates = tensor('variates').subarray(batch * axes.keys!);
    const own = variates[Math.min(Math.max(position, 0), axes.keys! - 1)]!;
    return round(score + tensor('biases')[2 * head + (own === variates[key] ? 0 : 1)]!);
  },
});
