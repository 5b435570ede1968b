// Blocks of rows walk over the listed blocks of BLOCK_SIZE keys only. A list belongs to BLOCK_SIZE queries, a stripe of
// rows: list i is block_keys[block_starts[i]] up to block_keys[block_starts[i + 1]].

const STRIPE_ROWS = BLOCK_SIZE * PACK;
const STRIPE_TILES = (STRIPE_ROWS + TILE_ROWS - 1u) / TILE_ROWS;
const STEPS = (BLOCK_SIZE + TILE_KEYS - 1u) / TILE_KEYS;

// Splits share the lists, not the keys.
fn split_keys(batch: u32, split: u32) -> vec2<u32> { return vec2<u32>(0u, key_count(batch)); }

// The first entry of the list that the walk takes, and how many steps: each split goes through its part of the list.
fn walk_of(block: Block) -> vec2<u32> {
  let lists = (params.queries + BLOCK_SIZE - 1u) / BLOCK_SIZE;
  let list = select(0u, block.head * lists, BLOCK_HEADS) + min(block.first_query / BLOCK_SIZE, max(lists, 1u) - 1u);
  let start = min(block_starts_load(list), params.listed);
  let end = min(max(block_starts_load(list + 1u), start), params.listed);
  let each = (end - start + SPLITS - 1u) / SPLITS;
  let first = min(start + block.split * each, end);
  return vec2<u32>(first, min(each, end - first) * STEPS);
}

// The first key of a step, and the one after its last; none where the block of rows sees nothing of it.
fn keys_at(block: Block, begin: u32, step: u32) -> vec2<u32> {
  let entry = block_keys_load(begin + step / STEPS);
  if (entry > block.end_key / BLOCK_SIZE) { return vec2<u32>(); }
  let first = entry * BLOCK_SIZE + step % STEPS * TILE_KEYS;
  let end = min(min(first + TILE_KEYS, (entry + 1u) * BLOCK_SIZE), block.end_key);
  return select(vec2<u32>(first, end), vec2<u32>(), end <= block.first_key);
}
