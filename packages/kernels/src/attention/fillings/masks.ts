import type { FillingScope, MaskReference, PairPlace } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `mask`, in place of the option `causal`: causal, but everything sees the first `mask.prefix` (u32 `[batch]`) keys
 * (prefix language models, Raffel et al. 2020).
 */
export const prefixMask: Filling<MaskReference> = /* @__PURE__ */ Object.freeze({
  id: 'prefix',
  bindings: { prefix: { shape: ['batch'], dtype: 'u32' as const } },
  wgsl: (slot: string) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  return select(MASKED, s, i32(pair.key) <= pair.position || pair.key < ${slot}_prefix_load(pair.batch));
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let prefix = ${slot}_prefix_load(tile.batch);
  let end = tile.key + tile.keys;
  if (end <= prefix || i32(end) <= query_position(tile.batch, tile.query) + 1i) { return 2u; }
  if (tile.key >= prefix && i32(tile.key) > query_position(tile.batch, tile.query + tile.queries - 1u)) { return 0u; }
  return 1u;
}`,
  reference: (score: number, { key, position, batch }: PairPlace, { tensor }: FillingScope) =>
    key <= position || key < tensor('prefix')[batch]! ? score : -Infinity,
});

/**
 * Slot `mask`: several documents in one row; a query sees the keys of its own. `mask.documents` (u32 `[batch, keys]`)
 * numbers them, in any order (padding may be a document 0 at the end), and queries are numbered as the keys at their
 * positions. Blocks of keys whose numbers are all beyond those of a block of queries cost nothing.
 */
export const documentMask: Filling<MaskReference> = /* @__PURE__ */ Object.freeze({
  id: 'documents',
  bindings: { documents: { shape: ['batch', 'keys'], dtype: 'u32' as const } },
  wgsl: (slot: string) => `fn ${slot}_of(batch: u32, position: i32) -> u32 {
  return ${slot}_documents_load(batch * params.keys + u32(clamp(position, 0i, i32(params.keys) - 1i)));
}
fn ${slot}(s: f32, pair: Pair) -> f32 {
  return select(MASKED, s, ${slot}_of(pair.batch, i32(pair.key)) == ${slot}_of(pair.batch, pair.position));
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let position = query_position(tile.batch, tile.query);
  var range = vec2<u32>(0xffffffffu, 0u);
  for (var q = 0u; q < MANY; q++) {
    if (q >= tile.queries) { break; }
    let document = ${slot}_of(tile.batch, position + i32(q));
    range = vec2<u32>(min(range.x, document), max(range.y, document));
  }
  var met = false;
  var all = range.x == range.y;
  for (var k = 0u; k < MANY; k++) {
    if (k >= tile.keys || (met && !all)) { break; }
    let document = ${slot}_of(tile.batch, i32(tile.key + k));
    let within = document >= range.x && document <= range.y;
    met = met || within;
    all = all && within;
  }
  return select(0u, select(1u, 2u, all), met);
}`,
  reference: (score: number, { batch, key, position }: PairPlace, { tensor, axes }: FillingScope) => {
    const at = (index: number): number =>
      tensor('documents')[batch * axes.keys! + Math.min(Math.max(index, 0), axes.keys! - 1)]!;
    return at(key) === at(position) ? score : -Infinity;
  },
});
