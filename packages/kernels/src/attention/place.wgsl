// What every attention kernel shares: places of rows and scores, the keys a query may see, and a score from its sum.
// The fragments (`qk_fragment`, `v_fragment`, `qk_dot`), addresses (`q_at` …) and `length_of` come with the prelude; where
// batch rows lie, with padded.wgsl or packed.wgsl; which keys are walked, with walk-all.wgsl or walk-listed.wgsl.

struct Token { batch: u32, head: u32, index: u32, at: u32 }
struct Pair { batch: u32, head: u32, query: u32, key: u32, position: i32, length: u32 }
struct Tile { batch: u32, head: u32, heads: u32, query: u32, queries: u32, key: u32, keys: u32 }

// What is added to a query's index for its place among the keys; negative when there are more queries than keys.
fn shift_of(batch: u32) -> i32 {
  return OFFSET + select(0i, i32(length_of(batch)) - i32(query_count(batch)), ALIGN_END);
}

// Where a query stands among the keys.
fn query_position(batch: u32, query: u32) -> i32 { return i32(query) + shift_of(batch); }

// First key and the one after the last that a query at `position` may see.
fn visible_keys(position: i32, length: u32) -> vec2<u32> {
  var first = 0i;
  var end = i32(length);
  if (CAUSAL) { end = min(end, position + 1i); }
  if (WINDOW_RIGHT >= 0i) { end = min(end, position + WINDOW_RIGHT + 1i); }
  if (WINDOW_LEFT >= 0i) { first = max(first, position - WINDOW_LEFT); }
  return vec2<u32>(u32(first), u32(max(end, 0i)));
}

// What one workgroup works on: up to TILE_ROWS rows, of PACK heads that share keys and values, and the keys of one split
// that some row of them sees.
struct Block {
  batch: u32,
  // The first of PACK heads, and the one of keys and values.
  head: u32,
  kv_head: u32,
  split: u32,
  // The first row, and the one after the last that it may take. A row is a query of one head; heads turn fastest.
  first_row: u32,
  rows: u32,
  first_query: u32,
  last_query: u32,
  // Valid keys of the batch row, and what `shift_of` says.
  length: u32,
  shift: i32,
  // The first key and its block of TILE_KEYS, and the key after the last.
  first_key: u32,
  first_tile: u32,
  end_key: u32,
}

// The block of a workgroup; `batch` is past the last where there is none.
fn block_of(workgroup: u32) -> Block {
  var block: Block;
  block.split = workgroup % SPLITS;
  let place = tile_place(workgroup / SPLITS);
  block.batch = place.batch;
  if (block.batch >= params.batch) { return block; }
  block.head = place.head;
  block.kv_head = place.head / GROUP;
  block.first_row = place.row;
  block.rows = min(query_count(block.batch) * PACK, (place.row / STRIPE_ROWS + 1u) * STRIPE_ROWS);
  block.length = length_of(block.batch);
  block.shift = shift_of(block.batch);
  block.first_query = block.first_row / PACK;
  block.last_query = (min(block.first_row + TILE_ROWS, block.rows) - 1u) / PACK;
  let low = visible_keys(i32(block.first_query) + block.shift, block.length).x;
  let high = visible_keys(i32(block.last_query) + block.shift, block.length).y;
  let own = split_keys(block.batch, block.split);
  block.first_key = max(low, own.x);
  block.first_tile = block.first_key / TILE_KEYS;
  block.end_key = min(high, own.y);
  return block;
}

// Scale and soft-cap.
fn capped_score(sum: f32) -> f32 {
  var s = sum * SCALE;
  if (SOFTCAP > 0.0) { s = keep_nan(s, SOFTCAP * tanh(clamp(s / SOFTCAP, -15.0, 15.0))); }
  return s;
}

// Scale, soft-cap and bias.
fn score_of(sum: f32, pair: Pair) -> f32 { return score(capped_score(sum), pair); }
