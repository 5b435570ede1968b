import { checkOptions, trueOrFalse, optional } from '../../contract/check-options.ts';
import type { MaskReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `mask`: the first `mask.train` (u32 `[batch]`) rows of a table are for training, and all that anybody sees; with
 * `self` a test row also sees itself (prior-fitted networks; Müller et al. 2022, arXiv 2112.10510; TabPFN). So a test row's
 * answer does not depend on the other test rows. Not with the option `causal`.
 */
export function priorFittedMask(options: { readonly self?: boolean } = {}): Filling<MaskReference> {
  checkOptions('priorFittedMask', options, { self: optional(trueOrFalse) });
  const { self = false } = options;
  return {
    id: `prior-fitted${self ? '-self' : ''}`,
    bindings: { train: { shape: ['batch'], dtype: 'u32' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let seen = pair.key < ${slot}_train_load(pair.batch)${self ? ' || i32(pair.key) == pair.position' : ''};
  return select(MASKED, s, seen);
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let train = ${slot}_train_load(tile.batch);
  let end = tile.key + tile.keys;
  if (end <= train) { return 2u; }
  if (tile.key < train) { return 1u; }${self ? onDiagonal : ''}
  return 0u;
}`,
    reference: (score, { batch, key, position }, { tensor }) =>
      key < tensor('train')[batch]! || (self && key === position) ? score : -Infinity,
  };
}

const onDiagonal = `
  let first = query_position(tile.batch, tile.query);
  if (i32(end) > first && i32(tile.key) < first + i32(tile.queries)) { return 1u; }`;
