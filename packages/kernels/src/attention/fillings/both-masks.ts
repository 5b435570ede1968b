import type { MaskReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { joined, within } from './joined.ts';

/** Slot `mask`: what both masks see. Their tensors are `mask.a_…` and `mask.b_…`. */
export function bothMasks(a: Filling<MaskReference>, b: Filling<MaskReference>): Filling<MaskReference> {
  const parts = joined('bothMasks', a, b, ['', '_tile']);
  return {
    id: `both(${a.id},${b.id})`,
    ...parts,
    wgsl: (slot) => `${a.wgsl(`${slot}_a`)}
${b.wgsl(`${slot}_b`)}
fn ${slot}(s: f32, pair: Pair) -> f32 {
  let first = ${slot}_a(s, pair);
  return select(MASKED, ${slot}_b(first, pair), is_seen(first));
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let first = ${slot}_a_tile(tile);
  if (first == 0u) { return 0u; }
  return min(first, ${slot}_b_tile(tile));
}`,
    reference: (score, pair, scope) => {
      const first = a.reference(score, pair, within(scope, 'a'));
      return first === -Infinity ? first : b.reference(first, pair, within(scope, 'b'));
    },
  };
}
