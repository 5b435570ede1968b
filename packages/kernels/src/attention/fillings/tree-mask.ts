import {
  anyValue,
  checkOptions,
  listOf,
  optional,
  positiveInteger,
  trueOrFalse,
} from '../../contract/check-options.ts';
import type { MaskReference } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';

export interface TreeMaskOptions {
  /** The last places of a row, which are the nodes of the tree. */
  readonly nodes: number;
  /** Each batch row has a tree of its own. */
  readonly batch?: boolean;
}

/**
 * Slot `mask`, beside the option `causal`: the last `nodes` places of a row are a tree of guesses, each of which sees what
 * came before the tree, its ancestors and itself (speculative decoding; Miao et al. 2024, arXiv 2305.09781; Medusa).
 * `mask.ancestors` (u32 `[batch | 1, nodes, ⌈nodes / 32⌉]`, {@link treeAncestors}) has a bit for each node that a node sees.
 * Positions for rope are depths, not places: turn queries and keys in front.
 */
export function treeMask(options: TreeMaskOptions): Filling<MaskReference> {
  checkOptions('treeMask', options, { nodes: positiveInteger, batch: optional(trueOrFalse) });
  const { nodes, batch = false } = options;
  const words = Math.ceil(nodes / 32);
  return {
    id: `tree-${nodes}${batch ? '-batch' : ''}`,
    bindings: { ancestors: { shape: [batch ? 'batch' : 1, nodes, words], dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let start = i32(pair.length) - ${nodes}i;
  let node = u32(clamp(pair.position - start, 0i, ${nodes - 1}i));
  let other = u32(clamp(i32(pair.key) - start, 0i, ${nodes - 1}i));
  let row = ${batch ? `pair.batch * ${nodes}u + node` : 'node'};
  let bits = ${slot}_ancestors_load(row * ${words}u + other / 32u) >> (other % 32u);
  return select(MASKED, s, i32(pair.key) < start || (bits & 1u) == 1u);
}
fn ${slot}_tile(tile: Tile) -> u32 {
  if (i32(tile.key + tile.keys) <= i32(length_of(tile.batch)) - ${nodes}i) { return 2u; }
  if (i32(tile.key) > query_position(tile.batch, tile.query + tile.queries - 1u)) { return 0u; }
  return 1u;
}`,
    reference: (score, { batch: row, key, position, length }, { tensor }) => {
      const start = length - nodes;
      const within = (place: number): number => Math.min(Math.max(place - start, 0), nodes - 1);
      const at = ((batch ? row : 0) * nodes + within(position)) * words;
      const bits = tensor('ancestors')[at + (within(key) >> 5)]! >>> (within(key) & 31);
      return key < start || (bits & 1) === 1 ? score : -Infinity;
    },
  };
}

/**
 * The table of {@link treeMask}, from the parent of each node; -1 for a node that continues the text. Parents come before
 * their children.
 *
 * @throws `bad-argument` where one does not.
 */
export function treeAncestors(parents: readonly number[]): Uint32Array<ArrayBuffer> {
  checkOptions('treeAncestors', { parents }, { parents: { ...listOf(anyValue), what: 'a list' } });
  const words = Math.ceil(parents.length / 32);
  const bits = new Uint32Array(parents.length * words);
  for (const [node, parent] of parents.entries()) {
    if (!Number.isInteger(parent) || parent < -1 || parent >= node)
      throw new TilewrightError('bad-argument', {
        subject: 'treeAncestors',
        problem: `node ${node} has parent ${parent}`,
        requirement: `a parent comes before its children, or is -1 for the text itself`,
        fix: 'order the nodes by depth',
      });
    if (parent >= 0) bits.copyWithin(node * words, parent * words, (parent + 1) * words);
    bits[node * words + (node >> 5)]! |= 1 << (node & 31);
  }
  return bits;
}
