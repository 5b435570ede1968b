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
 * numbers them in ascending order along the row, and queries are numbered as the keys at their positions.
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
  let first_query = ${slot}_of(tile.batch, position);
  let last_query = ${slot}_of(tile.batch, position + i32(tile.queries) - 1i);
  let first_key = ${slot}_of(tile.batch, i32(tile.key));
  let last_key = ${slot}_of(tile.batch, i32(tile.key + tile.keys) - 1i);
  if (first_key > last_query || last_key < first_query) { return 0u; }
  return select(1u, 2u, first_key == last_key && first_query == last_query && first_key == first_query);
}`,
  reference: (score: number, { batch, key, position }: PairPlace, { tensor, axes }: FillingScope) => {
    const at = (index: number): number =>
      tensor('documents')[batch * axes.keys! + Math.min(Math.max(index, 0), axes.keys! - 1)]!;
    return at(key) === at(position) ? score : -Infinity;
  },
});
