// What every attention kernel shares: places of rows and scores, the keys a query may see, and a score from its sum.
// The fragments (`qk_fragment`, `v_fragment`, `qk_dot`), addresses (`q_at` …) and `length_of` come with the prelude.

struct Token { batch: u32, head: u32, index: u32, at: u32 }
struct Pair { batch: u32, head: u32, query: u32, key: u32, position: i32, length: u32 }
struct Tile { batch: u32, head: u32, heads: u32, query: u32, queries: u32, key: u32, keys: u32 }

/** Where a query stands among the keys; negative when there are more queries than keys. */
fn position_of(query: u32, length: u32) -> i32 {
  return i32(query) + select(0i, i32(length) - i32(params.queries), ALIGN_END);
}

fn query_position(batch: u32, query: u32) -> i32 { return position_of(query, length_of(batch)); }

/** First key and the one after the last that a query at `position` may see. */
fn visible_keys(position: i32, length: u32) -> vec2<u32> {
  var first = 0i;
  var end = i32(length);
  if (CAUSAL) { end = min(end, position + 1i); }
  if (WINDOW_RIGHT >= 0i) { end = min(end, position + WINDOW_RIGHT + 1i); }
  if (WINDOW_LEFT >= 0i) { first = max(first, position - WINDOW_LEFT); }
  return vec2<u32>(u32(first), u32(max(end, 0i)));
}

/**
 * What one workgroup works on: up to TILE_ROWS rows, of PACK heads that share keys and values, and the keys of one split
 * that some row of them sees.
 */
struct Block {
  batch: u32,
  /** The first of PACK heads, and the one of keys and values. */
  head: u32,
  kv_head: u32,
  split: u32,
  /** The first row, and the number of rows of these heads in all. A row is a query of one head; heads turn fastest. */
  first_row: u32,
  rows: u32,
  first_query: u32,
  last_query: u32,
  /** Valid keys of the batch row. */
  length: u32,
  /** The first block of TILE_KEYS keys, and the key after the last. */
  first_tile: u32,
  end_key: u32,
}

/** The block of a workgroup; `batch` is past the last where there is none. */
fn block_of(workgroup: u32) -> Block {
  var block: Block;
  var rest = workgroup;
  block.split = rest % SPLITS;
  rest /= SPLITS;
  block.rows = params.queries * PACK;
  let row_tiles = (block.rows + TILE_ROWS - 1u) / TILE_ROWS;
  // The last rows see most keys when causal, so they start first.
  block.first_row = (row_tiles - 1u - rest % row_tiles) * TILE_ROWS;
  rest /= row_tiles;
  block.head = rest % (HEADS / PACK) * PACK;
  block.kv_head = block.head / GROUP;
  block.batch = rest / (HEADS / PACK);
  if (block.batch >= params.batch) { return block; }
  block.length = length_of(block.batch);
  block.first_query = block.first_row / PACK;
  block.last_query = min((block.first_row + TILE_ROWS - 1u) / PACK, params.queries - 1u);
  let low = visible_keys(position_of(block.first_query, block.length), block.length).x;
  let high = visible_keys(position_of(block.last_query, block.length), block.length).y;
  let split_tiles = ((params.keys + SPLITS - 1u) / SPLITS + TILE_KEYS - 1u) / TILE_KEYS;
  block.first_tile = max(low / TILE_KEYS, block.split * split_tiles);
  block.end_key = min(high, (block.split + 1u) * split_tiles * TILE_KEYS);
  return block;
}

/** Scale, soft-cap and bias. */
fn score_of(sum: f32, pair: Pair) -> f32 {
  var s = sum * SCALE;
  if (SOFTCAP > 0.0) { s = SOFTCAP * tanh(clamp(s / SOFTCAP, -15.0, 15.0)); }
  return score(s, pair);
}
