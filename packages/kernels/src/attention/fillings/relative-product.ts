import { checkOptions, finiteNumber, nonNegativeInteger, optional } from '../../contract/check-options.ts';
import type { ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

export interface RelativeProductOptions {
  /** Distances behind the query that have an entry of their own; farther keys share the last. */
  readonly back: number;
  /** Distances ahead of it; default 0. */
  readonly ahead?: number;
  /** Default 1: the products have the kernel's scale already. */
  readonly scale?: number;
}

/**
 * Slot `score`: adds the product of a query with a vector per distance, computed in front by a matrix product:
 * `score.product` `[batch, heads, queries, back + ahead + 1]`, f32 or f16, entry `back + clamp(key - position)`.
 * - Transformer-XL (Dai et al. 2019, arXiv 1901.02860): (q + v) · r over distances `keys - 1` to 0, which is the published
 *   product before its relative shift, so nothing is shifted; {@link queryBias} gives the content's u.
 * - Keys by Shaw et al. (2018, arXiv 1803.02155): q · a, with `back` = `ahead` the clipping distance.
 */
export function relativeProduct(options: RelativeProductOptions): Filling<ScoreReference> {
  checkOptions('relativeProduct', options, {
    back: nonNegativeInteger,
    ahead: optional(nonNegativeInteger),
    scale: optional(finiteNumber),
  });
  const { back, ahead = 0, scale = 1 } = options;
  const entries = back + ahead + 1;
  const factor = Math.fround(scale);
  return {
    id: `relative-product-${back}-${ahead}-${factor}`,
    bindings: { product: { shape: ['batch', 'heads', 'queries', entries], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let row = (pair.batch * HEADS + pair.head) * params.queries + pair.query;
  let distance = clamp(i32(pair.key) - pair.position, -${back}i, ${ahead}i);
  return s + ${slot}_product_load(row * ${entries}u + u32(distance + ${back}i)) * f32(${factor});
}`,
    reference: (score, { batch, head, query, key, position }, { tensor, axes, round }) => {
      const row = (batch * axes.heads! + head) * axes.queries! + query;
      const distance = Math.min(Math.max(key - position, -back), ahead);
      return round(score + round(tensor('product')[row * entries + distance + back]! * factor));
    },
  };
}
