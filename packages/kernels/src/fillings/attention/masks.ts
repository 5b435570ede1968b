import type { FillingScope, MaskReference, PairPlace } from '../../attention/slots.ts';
import type { Filling } from '../../core/filling.ts';

/** Which of the four axes a mask tensor has; it is broadcast along the others. Keys it always has. */
export interface MaskShape {
  readonly batch?: boolean;
  readonly heads?: boolean;
  readonly queries?: boolean;
}

const shapeOf = ({ batch, heads, queries }: MaskShape): readonly (string | number)[] => [
  batch ? 'batch' : 1,
  heads ? 'heads' : 1,
  queries ? 'queries' : 1,
  'keys',
];

const indexWgsl = ({ batch, heads, queries }: MaskShape): string => {
  const sizes = [heads ? 'HEADS' : '1u', queries ? 'params.queries' : '1u'];
  const [b, h, q] = [batch ? 'pair.batch' : '0u', heads ? 'pair.head' : '0u', queries ? 'pair.query' : '0u'];
  return `((${b} * ${sizes[0]} + ${h}) * ${sizes[1]} + ${q}) * params.keys + pair.key`;
};

function indexOf({ batch, heads, queries }: MaskShape, pair: PairPlace, { axes }: FillingScope): number {
  const b = batch ? pair.batch : 0;
  const h = heads ? pair.head : 0;
  const q = queries ? pair.query : 0;
  return ((b * (heads ? axes.heads! : 1) + h) * (queries ? axes.queries! : 1) + q) * axes.keys! + pair.key;
}

const shapeName = (shape: MaskShape): string =>
  (['batch', 'heads', 'queries'] as const).filter((axis) => shape[axis]).join('-') || 'keys';

/** What is so far below any score that it can only mean "do not attend": -∞, or the least finite numbers. */
const excluded = -1e38;

/**
 * Slot `mask`: adds `mask.bias` `[batch | 1, heads | 1, queries | 1, keys]` (f32 or f16); values below -1e38, -∞ among
 * them, and in f16 -∞, exclude the key.
 */
export function additiveMask(shape: MaskShape): Filling<MaskReference> {
  return {
    id: `additive-${shapeName(shape)}`,
    bindings: { bias: { shape: shapeOf(shape), dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let bias = ${slot}_bias_load(${indexWgsl(shape)});
  return select(s + bias, MASKED, bias < -1e38);
}
fn ${slot}_tile(tile: Tile) -> u32 { return 1u; }`,
    reference: (score, pair, scope) => {
      const bias = scope.tensor('bias')[indexOf(shape, pair, scope)]!;
      return bias < excluded ? -Infinity : scope.round(score + bias);
    },
  };
}

/** Slot `mask`: attends where `mask.allowed` (u32, broadcast as {@link additiveMask}'s) is not 0. */
export function booleanMask(shape: MaskShape): Filling<MaskReference> {
  return {
    id: `boolean-${shapeName(shape)}`,
    bindings: { allowed: { shape: shapeOf(shape), dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  return select(MASKED, s, ${slot}_allowed_load(${indexWgsl(shape)}) != 0u);
}
fn ${slot}_tile(tile: Tile) -> u32 { return 1u; }`,
    reference: (score, pair, scope) =>
      scope.tensor('allowed')[indexOf(shape, pair, scope)]! ? score : -Infinity,
  };
}

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
  let length = length_of(tile.batch);
  let prefix = ${slot}_prefix_load(tile.batch);
  let end = tile.key + tile.keys;
  if (end <= prefix || i32(end) <= position_of(tile.query, length) + 1i) { return 2u; }
  if (tile.key >= prefix && i32(tile.key) > position_of(tile.query + tile.queries - 1u, length)) { return 0u; }
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
  let position = position_of(tile.query, length_of(tile.batch));
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

/**
 * Slot `mask`: blocks of `size` queries by `size` keys that are seen or not, `mask.blocks` (u32, not 0 where seen) of
 * shape `[heads | 1, query blocks, key blocks]`; query blocks count from query 0. Blocks that are not seen cost nothing
 * where they cover whole tiles (block-sparse attention: Longformer, BigBird, strided, dilated).
 */
export function blockMask(options: {
  readonly size: number;
  readonly queryBlocks: number;
  readonly keyBlocks: number;
  readonly heads?: boolean;
}): Filling<MaskReference> {
  const { size, queryBlocks, keyBlocks, heads = false } = options;
  const last = `vec2<u32>(${queryBlocks - 1}u, ${keyBlocks - 1}u)`;
  return {
    id: `blocks-${size}-${queryBlocks}-${keyBlocks}${heads ? '-heads' : ''}`,
    bindings: { blocks: { shape: [heads ? 'heads' : 1, queryBlocks, keyBlocks], dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}_seen(head: u32, query: u32, key: u32) -> bool {
  let block = min(vec2<u32>(query, key) / ${size}u, ${last});
  return ${slot}_blocks_load((${heads ? 'head' : '0u'} * ${queryBlocks}u + block.x) * ${keyBlocks}u + block.y) != 0u;
}
fn ${slot}(s: f32, pair: Pair) -> f32 { return select(MASKED, s, ${slot}_seen(pair.head, pair.query, pair.key)); }
fn ${slot}_tile(tile: Tile) -> u32 {
  let first = vec2<u32>(tile.query, tile.key) / ${size}u;
  let end = (vec2<u32>(tile.query + tile.queries, tile.key + tile.keys) - 1u) / ${size}u + 1u;
  let heads = ${heads ? 'tile.heads' : '1u'};
  var seen = 0u;
  for (var h = 0u; h < MANY; h++) {
    if (h >= heads) { break; }
    for (var q = 0u; q < MANY; q++) {
      if (first.x + q >= end.x) { break; }
      for (var k = 0u; k < MANY; k++) {
        if (first.y + k >= end.y) { break; }
        seen += select(0u, 1u, ${slot}_seen(tile.head + h, (first.x + q) * ${size}u, (first.y + k) * ${size}u));
      }
    }
  }
  let all = heads * (end.x - first.x) * (end.y - first.y);
  return select(select(1u, 2u, seen == all), 0u, seen == 0u);
}`,
    reference: (score, { head, query, key }, { tensor }) => {
      const q = Math.min(Math.floor(query / size), queryBlocks - 1);
      const k = Math.min(Math.floor(key / size), keyBlocks - 1);
      return tensor('blocks')[((heads ? head : 0) * queryBlocks + q) * keyBlocks + k]! ? score : -Infinity;
    },
  };
}

/** Slot `mask`: what both masks see. Their tensors are `mask.a_…` and `mask.b_…`. */
export function bothMasks(a: Filling<MaskReference>, b: Filling<MaskReference>): Filling<MaskReference> {
  const parts = { a, b };
  const prefixed = <Value>(
    pick: (part: Filling<MaskReference>) => Readonly<Record<string, Value>> | undefined,
  ): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([letter, part]) =>
        Object.entries(pick(part) ?? {}).map(([name, value]) => [`${letter}_${name}`, value]),
      ),
    );
  const within = (scope: FillingScope, letter: 'a' | 'b'): FillingScope => ({
    ...scope,
    tensor: (binding) => scope.tensor(`${letter}_${binding}`),
  });
  return {
    id: `both(${a.id},${b.id})`,
    requires: [...(a.requires ?? []), ...(b.requires ?? [])],
    bindings: prefixed((part) => part.bindings),
    uniforms: prefixed((part) => part.uniforms),
    wgsl: (slot) => `${a.wgsl(`${slot}_a`)}
${b.wgsl(`${slot}_b`)}
fn ${slot}(s: f32, pair: Pair) -> f32 {
  let first = ${slot}_a(s, pair);
  return select(${slot}_b(first, pair), MASKED, first <= MASKED * 0.5);
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
