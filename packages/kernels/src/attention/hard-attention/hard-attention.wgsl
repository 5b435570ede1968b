// y = the value of the key with the largest score, the lowest index among equals; NaN is the largest. Threads keep the best of their own keys,
// compare once at the end, and copy one value per row. Bytes: keys once per workgroup, one value per row, no barrier between.

const NO_KEY = 0xffffffffu;
var<workgroup> keys: array<u32, TILE_ROWS * THREADS_X>;
var<workgroup> candidates: array<u32, TILE_ROWS * THREADS_X>;

fn seen_keys(position: i32, length: u32) -> vec2<u32> { return visible_keys(position, length); }

@compute @workgroup_size(THREADS_X * THREADS_Y)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let queries = queries_of(block, lane);
  let tx = lane % THREADS_X;
  let first_slot = lane / THREADS_X * ROWS * THREADS_X;

  // Scores in order, see numbers/ordered.wgsl.
  var best: array<u32, ROWS>;
  var chosen: array<u32, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    best[i] = ordered(MASKED);
    chosen[i] = NO_KEY;
  }
  for (var step = 0u; step < MANY; step++) {
    let first_key = (block.first_tile + step) * TILE_KEYS;
    if (first_key >= block.end_key) { break; }
    let verdict = mask_tile(tile_of(block, first_key));
    if (verdict == 0u) { continue; }
    let s = tile_scores(block, queries, lane, first_key, verdict);
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) {
        let score = ordered(s[i][j]);
        if (score > best[i]) {
          best[i] = score;
          chosen[i] = first_key + tx * COLUMNS + j;
        }
      }
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    keys[first_slot + i * THREADS_X + tx] = best[i];
    candidates[first_slot + i * THREADS_X + tx] = chosen[i];
  }
  workgroupBarrier();

  // Through an array and a rolled loop: code for storing a fragment is long, and once is enough.
  var tokens: Queries;
  for (var i = 0u; i < ROWS; i++) { tokens[i] = queries[i]; }
  let threads = row_threads();
  for (var i = 0u; i < MANY; i++) {
    if (i >= ROWS || !is_row(block, lane, i)) { break; }
    var largest = ordered(MASKED);
    var key = NO_KEY;
    for (var x = 0u; x < MANY; x++) {
      if (x >= threads) { break; }
      let score = keys[first_slot + i * THREADS_X + x];
      let candidate = candidates[first_slot + i * THREADS_X + x];
      if (score > largest || (score == largest && candidate < key)) {
        largest = score;
        key = candidate;
      }
    }
    let token = tokens[i];
    if (tx == 0u) { store_index(row_of(token.batch, token.head, token.index), key); }
    let at = y_at(token.batch, token.head, token.index);
    let source = min(key, params.keys - 1u);
    let value_token = Token(block.batch, block.kv_head, source, load_v_at(block.batch, block.kv_head, source));
    for (var e = 0u; e < MANY; e++) {
      let unit = tx + e * THREADS_X;
      if (unit >= V_UNITS) { break; }
      var value = v_fragment();
      if (key != NO_KEY) { value = load_v(value_token, unit); }
      epilogue(Token(token.batch, token.head, token.index, at), unit, value);
    }
  }
}
