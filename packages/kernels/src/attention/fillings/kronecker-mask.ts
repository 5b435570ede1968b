import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { FillingScope, MaskReference, PairPlace } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `mask`, in place of the option `causal`: several series in one row. A query sees the keys of series that its own
 * depends on, up to its own time: the Kronecker product of a dependency matrix and a causal mask (Timer-XL; Liu et al. 2024,
 * arXiv 2410.04803). `mask.places` (u32 `[batch, keys, 2]`) gives series and time of each place, in any order;
 * `mask.dependencies` (u32 `[series, series]`) is not 0 where the row's series sees the column's.
 */
export function kroneckerMask(series: number): Filling<MaskReference> {
  checkOptions('kroneckerMask', { series }, { series: positiveInteger });
  return {
    id: `kronecker-${series}`,
    bindings: {
      places: { shape: ['batch', 'keys', 2], dtype: 'u32', width: 2 },
      dependencies: { shape: [series, series], dtype: 'u32' },
    },
    wgsl: (slot) => `fn ${slot}_at(batch: u32, position: i32) -> vec2<u32> {
  return ${slot}_places_load(batch * params.keys + u32(clamp(position, 0i, i32(params.keys) - 1i)));
}
fn ${slot}(s: f32, pair: Pair) -> f32 {
  let query = ${slot}_at(pair.batch, pair.position);
  let key = ${slot}_at(pair.batch, i32(pair.key));
  return select(MASKED, s, key.y <= query.y && ${slot}_dependencies_load(query.x * ${series}u + key.x) != 0u);
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let position = query_position(tile.batch, tile.query);
  // The least and the largest series and time: places may come in any order.
  var query = ${slot}_at(tile.batch, position);
  var last_query = query;
  for (var q = 1u; q < MANY; q++) {
    if (q >= tile.queries) { break; }
    let place = ${slot}_at(tile.batch, position + i32(q));
    query = min(query, place);
    last_query = max(last_query, place);
  }
  var key = ${slot}_at(tile.batch, i32(tile.key));
  var last_key = key;
  for (var k = 1u; k < MANY; k++) {
    if (k >= tile.keys) { break; }
    let place = ${slot}_at(tile.batch, i32(tile.key + k));
    key = min(key, place);
    last_key = max(last_key, place);
  }
  if (key.y > last_query.y) { return 0u; }
  if (query.x == last_query.x && key.x == last_key.x) {
    if (${slot}_dependencies_load(query.x * ${series}u + key.x) == 0u) { return 0u; }
    return select(1u, 2u, last_key.y <= query.y);
  }
  for (var q = 0u; q < MANY; q++) {
    if (query.x + q > last_query.x) { break; }
    for (var k = 0u; k < MANY; k++) {
      if (key.x + k > last_key.x) { break; }
      if (${slot}_dependencies_load((query.x + q) * ${series}u + key.x + k) != 0u) { return 1u; }
    }
  }
  return 0u;
}`,
    reference: (score: number, { batch, key, position }: PairPlace, { tensor, axes }: FillingScope) => {
      const at = (index: number): readonly [number, number] => {
        const place = 2 * (batch * axes.keys! + Math.min(Math.max(index, 0), axes.keys! - 1));
        return [tensor('places')[place]!, tensor('places')[place + 1]!];
      };
      const [[ownSeries, now], [otherSeries, then]] = [at(position), at(key)];
      return then <= now && tensor('dependencies')[ownSeries * series + otherSeries]! ? score : -Infinity;
    },
  };
}
