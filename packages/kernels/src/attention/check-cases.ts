// What the checks of the attention kernels share: sizes in short, run-time lengths, and how far a result may be off.
import type { CheckCase, CheckInputs } from '../core/check.ts';

/** `[batch, queries, keys, heads, kv_heads, head_size, value_size]`. */
type ShortSizes = readonly [number, number, number, number, number, number, number?];

export function attentionCase(sizes: ShortSizes, rest: Omit<CheckCase, 'axes'> = {}): CheckCase {
  const [batch, queries, keys, heads, kv_heads, head_size, value_size = head_size] = sizes;
  return { axes: { batch, queries, keys, heads, kv_heads, head_size, value_size }, ...rest };
}

/** Lengths from 1 to the capacity; the first row is full. */
export function attentionInputs({ axes, options }: CheckCase, random: () => number): CheckInputs {
  if (options?.lengths !== true) return {};
  const { batch, keys } = axes as { batch: number; keys: number };
  const least = options.lse === true ? Math.min(keys, axes.queries!) : 1;
  return {
    lengths: Uint32Array.from({ length: batch }, (_, i) => (i === 0 ? keys : least + Math.floor(random() * (keys - least + 1)))),
  };
}

/**
 * WGSL's exp is good to 3 + 2|x| ULP, with |x| the distance of a score from the largest: weights at distance 20, which
 * hardly count any more, may be off by 43 ULP; at distance 2, which make up most outputs, by 7. Sums run in another order
 * than the oracle's, over keys in blocks. Soft-caps add tanh's 1e-5 times the cap to a score.
 */
export function attentionFloor({ axes, options }: CheckCase): number {
  const capped = Number(options?.softcap ?? 0);
  return (16 + Math.sqrt(axes.keys!)) * 2 ** -23 + capped * 1e-5;
}
