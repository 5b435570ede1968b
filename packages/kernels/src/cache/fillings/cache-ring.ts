import { checkOptions, nonNegativeInteger, optional, positiveInteger } from '../../contract/check-options.ts';
import type { LoadReference } from '../../attention/slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { cacheRows, kvHeadsWgsl } from '../../attention/fillings/cache-rows.ts';

export interface RingLoadOptions {
  /** Rows of the ring; {@link ringCapacity} says how many a window needs. */
  readonly capacity: number;
  /** Channels of a row: `head_size` for keys, `value_size` for values. */
  readonly size: number;
}

/**
 * Slot `load_k`, in place of the tensor `k`: a ring for windows, `load_k.cache`, f32 or f16 `[batch, kv_heads, capacity,
 * head_size]`, in which the key at position p is row `p % capacity` (`cacheWrite` with `circular` writes it). The axis
 * `keys` and the option `lengths` count all positions since the beginning, not the rows, so that masks and biases see
 * positions as they are; rotate keys before they are written.
 *
 * Only a window makes this right: with `causal` and `window_left`, and `capacity` of {@link ringCapacity}, no query sees a
 * position whose row has been written over. Keys ahead of a window are read and masked, so rows must hold finite numbers.
 *
 * @throws `bad-argument` for a size that is no positive integer.
 */
export const ringLoadK = (options: RingLoadOptions): Filling<LoadReference> => ringLoad('k', options);

/** Slot `load_v`: see {@link ringLoadK}. */
export const ringLoadV = (options: RingLoadOptions): Filling<LoadReference> => ringLoad('v', options);

function ringLoad(tensor: 'k' | 'v', options: RingLoadOptions): Filling<LoadReference> {
  checkOptions(tensor === 'k' ? 'ringLoadK' : 'ringLoadV', options, {
    capacity: positiveInteger,
    size: positiveInteger,
  });
  const { capacity, size } = options;
  return cacheRows({
    id: `ring-${capacity}`,
    tensor,
    size,
    cache: ['cache', ['batch', 'kv_heads', capacity]],
    rowWgsl: () => `  return (batch * (${kvHeadsWgsl}) + head) * ${capacity}u + index % ${capacity}u;`,
    row: ({ batch, head, index }, { axes }) =>
      (batch * axes.kv_heads! + head) * capacity + (index % capacity),
  });
}

/**
 * Rows of a ring from which `chunk` queries at a time may read: each sees `windowLeft` keys before its own, and the keys of
 * the whole chunk are written before the first query reads.
 *
 * @throws `bad-argument` for a window without bound, or an empty chunk.
 */
export function ringCapacity(options: { readonly windowLeft: number; readonly chunk?: number }): number {
  checkOptions('ringCapacity', options, {
    windowLeft: nonNegativeInteger,
    chunk: optional(positiveInteger),
  });
  const { windowLeft, chunk = 1 } = options;
  return windowLeft + chunk;
}
