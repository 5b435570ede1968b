import { checkOptions, positiveInteger, trueOrFalse, optional } from '../../contract/check-options.ts';
import type { MaskReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `mask`: blocks of `size` queries by `keySize` (default `size`) keys that are seen or not, `mask.blocks` (u32, not 0
 * where seen) of shape `[heads | 1, query blocks, key blocks]`; query blocks count from query 0. Blocks that are not seen
 * cost nothing where they cover whole tiles (block-sparse attention: Longformer, BigBird, strided, dilated).
 *
 * @throws `bad-argument` for sizes or counts that are no positive integers, and for other options.
 */
export function blockMask(options: {
  readonly size: number;
  readonly keySize?: number;
  readonly queryBlocks: number;
  readonly keyBlocks: number;
  readonly heads?: boolean;
}): Filling<MaskReference> {
  checkOptions('blockMask', options, {
    size: positiveInteger,
    keySize: optional(positiveInteger),
    queryBlocks: positiveInteger,
    keyBlocks: positiveInteger,
    heads: optional(trueOrFalse),
  });
  const { size, keySize = size, queryBlocks, keyBlocks, heads = false } = options;
  const sizes = keySize === size ? `${size}u` : `vec2<u32>(${size}u, ${keySize}u)`;
  const last = `vec2<u32>(${queryBlocks - 1}u, ${keyBlocks - 1}u)`;
  return {
    id: `blocks-${size}${keySize === size ? '' : `x${keySize}`}-${queryBlocks}-${keyBlocks}${heads ? '-heads' : ''}`,
    bindings: { blocks: { shape: [heads ? 'heads' : 1, queryBlocks, keyBlocks], dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}_seen(head: u32, query: u32, key: u32) -> bool {
  let block = min(vec2<u32>(query, key) / ${sizes}, ${last});
  return ${slot}_blocks_load((${heads ? 'head' : '0u'} * ${queryBlocks}u + block.x) * ${keyBlocks}u + block.y) != 0u;
}
fn ${slot}(s: f32, pair: Pair) -> f32 { return select(MASKED, s, ${slot}_seen(pair.head, pair.query, pair.key)); }
fn ${slot}_tile(tile: Tile) -> u32 {
  let first = vec2<u32>(tile.query, tile.key) / ${sizes};
  let end = (vec2<u32>(tile.query + tile.queries, tile.key + tile.keys) - 1u) / ${sizes} + 1u;
  let heads = ${heads ? 'tile.heads' : '1u'};
  var seen = 0u;
  for (var h = 0u; h < MANY; h++) {
    if (h >= heads) { break; }
    for (var q = 0u; q < MANY; q++) {
      if (first.x + q >= end.x) { break; }
      for (var k = 0u; k < MANY; k++) {
        if (first.y + k >= end.y) { break; }
        seen += select(0u, 1u, ${slot}_seen(tile.head + h, (first.x + q) * ${size}u, (first.y + k) * ${keySize}u));
      }
    }
  }
  let all = heads * (end.x - first.x) * (end.y - first.y);
  return select(select(1u, 2u, seen == all), 0u, seen == 0u);
}`,
    reference: (score, { head, query, key }, { tensor }) => {
      const q = Math.min(Math.floor(query / size), queryBlocks - 1);
      const k = Math.min(Math.floor(key / keySize), keyBlocks - 1);
      return tensor('blocks')[((heads ? head : 0) * queryBlocks + q) * keyBlocks + k]! ? score : -Infinity;
    },
  };
}
