import { checkOptions, trueOrFalse, optional } from '../../contract/check-options.ts';
import type { ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { kvHeadsWgsl } from './cache-rows.ts';

/**
 * Slot `score`: a key that stands for `score.counts` (u32 `[batch, kv_heads, keys]`, or `[batch, 1, keys]` where they are `shared`
 * by all heads) keys: s + ln c, so that it weighs as c of them, and not at all where c is 0. With keys that are means of
 * groups of keys and values that are the means of their values, this is group attention (RITA; Liang et al. 2023, arXiv
 * 2306.01926): exact where the keys of a group are equal. The log-sum-exp counts all of them, so that parts merge.
 *
 * In `scoresInTurn` it comes last: a later factor would make a score of what stands for none.
 */
export function keyCounts(options: { readonly shared?: boolean } = {}): Filling<ScoreReference> {
  checkOptions('keyCounts', options, { shared: optional(trueOrFalse) });
  const { shared = false } = options;
  const row = shared ? 'pair.batch' : `(pair.batch * (${kvHeadsWgsl}) + pair.head / GROUP)`;
  return {
    id: `key-counts${shared ? '-shared' : ''}`,
    bindings: { counts: { shape: ['batch', shared ? 1 : 'kv_heads', 'keys'], dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let count = ${slot}_counts_load(${row} * params.keys + pair.key);
  return select(s + log(f32(max(count, 1u))), MASKED, count == 0u);
}`,
    reference: (score, { batch, head, key }, { tensor, axes, round }) => {
      const { heads, kv_heads: kvHeads, keys } = axes as Record<string, number>;
      const line = shared ? batch : batch * kvHeads! + Math.floor((head * kvHeads!) / heads!);
      const count = tensor('counts')[line * keys! + key]!;
      return count === 0 ? -Infinity : round(score + round(Math.log(count)));
    },
  };
}
