// Blocks of rows walk over all the keys that they may see, TILE_KEYS at a time.

const STRIPE_ROWS = TILE_ROWS;
const STRIPE_TILES = 1u;

// The first key of a split, and the one after its last: whole tiles.
fn split_keys(batch: u32, split: u32) -> vec2<u32> {
  let keys = ((key_count(batch) + SPLITS - 1u) / SPLITS + TILE_KEYS - 1u) / TILE_KEYS * TILE_KEYS;
  return vec2<u32>(split, split + 1u) * keys;
}

// Where the walk begins, and how many steps it takes.
fn walk_of(block: Block) -> vec2<u32> {
  let end = (max(block.end_key, block.first_tile * TILE_KEYS) + TILE_KEYS - 1u) / TILE_KEYS;
  return vec2<u32>(block.first_tile, end - block.first_tile);
}

// The first key of a step, and the one after its last.
fn keys_at(block: Block, begin: u32, step: u32) -> vec2<u32> {
  let first = (begin + step) * TILE_KEYS;
  return vec2<u32>(first, min(first + TILE_KEYS, block.end_key));
}
