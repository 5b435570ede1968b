import type { MaskReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';
import {
  checkMaskShape,
  maskBindingShape,
  maskIndex,
  maskIndexWgsl,
  type MaskShape,
  maskShapeName,
} from './mask-shape.ts';

/** What is so far below any score that it can only mean "do not attend": -∞, or the least finite numbers. */
const excluded = -1e38;

/**
 * Slot `mask`: adds `mask.bias` `[batch | 1, heads | 1, queries | 1, keys | columns | 1]` (f32 or f16); values below -1e38,
 * -∞ among them, and in f16 -∞, exclude the key.
 */
export function additiveMask(shape: MaskShape): Filling<MaskReference> {
  checkMaskShape('additiveMask', shape);
  return {
    id: `additive-${maskShapeName(shape)}`,
    bindings: { bias: { shape: maskBindingShape(shape), dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}_of(pair: Pair) -> f32 { return ${slot}_bias_load(${maskIndexWgsl(shape)}); }
fn ${slot}(s: f32, pair: Pair) -> f32 {
  let bias = ${slot}_of(pair);
  return select(s + bias, MASKED, ${pastColumns(shape)}bias < -1e38);
}
${tileWgsl(slot, shape, (pair) => `!(${slot}_of(${pair}) < -1e38)`)}`,
    reference: (score, pair, scope) => {
      const at = maskIndex(shape, pair, scope);
      const bias = at === undefined ? -Infinity : scope.tensor('bias')[at]!;
      return bias < excluded ? -Infinity : scope.round(score + bias);
    },
  };
}

/** Slot `mask`: attends where `mask.allowed` (u32, broadcast as {@link additiveMask}'s) is not 0. */
export function booleanMask(shape: MaskShape): Filling<MaskReference> {
  checkMaskShape('booleanMask', shape);
  return {
    id: `boolean-${maskShapeName(shape)}`,
    bindings: { allowed: { shape: maskBindingShape(shape), dtype: 'u32' } },
    wgsl: (
      slot,
    ) => `fn ${slot}_of(pair: Pair) -> u32 { return ${slot}_allowed_load(${maskIndexWgsl(shape)}); }
fn ${slot}(s: f32, pair: Pair) -> f32 {
  return select(s, MASKED, ${pastColumns(shape)}${slot}_of(pair) == 0u);
}
${tileWgsl(slot, shape, (pair) => `${slot}_of(${pair}) != 0u`)}`,
    reference: (score, pair, scope) => {
      const at = maskIndex(shape, pair, scope);
      return at !== undefined && scope.tensor('allowed')[at]! ? score : -Infinity;
    },
  };
}

const pastColumns = ({ columns }: MaskShape): string =>
  columns === undefined ? '' : `pair.key >= ${columns}u || `;

/**
 * Blocks past the last column are skipped; and where all heads and queries have the same mask (padding), blocks without a
 * key that is seen: the search ends at the first that is.
 */
function tileWgsl(slot: string, shape: MaskShape, isSeen: (pair: string) => string): string {
  const { heads, queries, columns } = shape;
  const past = columns === undefined ? '' : `\n  if (tile.key >= ${columns}u) { return 0u; }`;
  const search = `
  for (var k = 0u; k < MANY; k++) {
    if (k >= tile.keys) { return 0u; }
    if (${isSeen('Pair(tile.batch, tile.head, tile.query, tile.key + k, 0i, 0u)')}) { return 1u; }
  }`;
  return `fn ${slot}_tile(tile: Tile) -> u32 {${past}${heads || queries ? '' : search}
  return 1u;
}`;
}
