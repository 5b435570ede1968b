import type { FillingScope, PairPlace, ScoreReference } from '../../attention/slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { checkFillings, within } from '../../attention/fillings/joined.ts';

/**
 * Slot `score`: another filling of it, by the positions that tokens had before a cache was compacted (`cacheCompact`):
 * `score.positions`, u32 `[batch, keys]`, says where the token of each row stood. Queries are the last of the valid keys, as in
 * decoding, and stand where these do. The tensors of `score` follow as `score.a_…`. Keys that were rotated before they were
 * written need nothing of the sort, and causal order is that of the rows.
 */
export function atOriginalPositions(score: Filling<ScoreReference>): Filling<ScoreReference> {
  checkFillings('atOriginalPositions', { score });
  const { requires = [], bindings = {}, uniforms = {} } = score;
  const prefixed = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [`a_${name}`, value]));
  return {
    id: `at-original-positions(${score.id})`,
    requires,
    bindings: { positions: { shape: ['batch', 'keys'], dtype: 'u32' }, ...prefixed(bindings) },
    uniforms: prefixed(uniforms),
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let row = pair.batch * params.keys;
  var moved = pair;
  moved.key = ${slot}_positions_load(row + pair.key);
  moved.position = i32(${slot}_positions_load(row + u32(clamp(pair.position, 0i, i32(params.keys) - 1i))));
  return ${slot}_a(s, moved);
}
${score.wgsl(`${slot}_a`)}`,
    reference: (value: number, pair: PairPlace, scope: FillingScope) => {
      const { batch, key, position } = pair;
      const keys = scope.axes.keys!;
      const positions = scope.tensor('positions').subarray(batch * keys);
      const place = Math.min(Math.max(position, 0), keys - 1);
      const moved = { ...pair, key: positions[key]!, position: positions[place]! };
      return score.reference(value, moved, within(scope, 'a'));
    },
  };
}
