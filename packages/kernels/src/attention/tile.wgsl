// Attention with running softmax over blocks of keys: y = softmax(scale q k^T + bias) v, nothing of it stored in between.
// A workgroup of THREADS_Y x THREADS_X threads owns THREADS_Y * ROWS rows. A row is a query of one head; with PACK > 1,
// PACK neighbouring rows are the heads that share keys and values at one query. Per block of THREADS_X * COLUMNS keys,
// a thread computes ROWS x COLUMNS scores, shares their weights through workgroup memory, and adds ROWS x CHANNELS
// fragments of the output; with few channels, KEY_GROUPS groups of threads each take their share of the keys.
// Bytes: keys and values are read once per workgroup, queries and outputs once.

const TILE_ROWS = THREADS_Y * ROWS;
const TILE_KEYS = THREADS_X * COLUMNS;
const WEIGHT_STRIDE = TILE_KEYS + 1u;

var<workgroup> weights: array<f32, TILE_ROWS * WEIGHT_STRIDE>;
var<workgroup> exchange: array<f32, TILE_ROWS * THREADS_X>;
var<workgroup> shares: array<v_fragment, SHARES>;

@compute @workgroup_size(THREADS_X * THREADS_Y)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let batch = block.batch;
  let rows = block.rows;
  let first_row = block.first_row;
  let length = block.length;

  let tx = lane % THREADS_X;
  let ty = lane / THREADS_X;
  let channel_lane = tx % CHANNEL_THREADS;
  let key_group = tx / CHANNEL_THREADS;

  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let lanes = select(THREADS_X, 0u, params.queries == 0u);
  let units = select(QK_UNITS, 0u, params.queries == 0u);
  let key_groups = select(KEY_GROUPS, 0u, params.queries == 0u);

  var q_tokens: array<Token, ROWS>;
  var spans: array<vec2<u32>, ROWS>;
  var peak: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  var acc: array<array<v_fragment, CHANNELS>, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    let row = min(first_row + ty * ROWS + i, rows - 1u);
    let head = block.head + row % PACK;
    let query = row / PACK;
    q_tokens[i] = Token(batch, head, query, q_at(batch, head, query));
    spans[i] = visible_keys(i32(query) + block.shift, length);
    peak[i] = MASKED;
  }

  let walk = walk_of(block);
  for (var step = 0u; step < MANY; step++) {
    if (step >= walk.y) { break; }
    let keys = keys_at(block, walk.x, step);
    let first_key = keys.x;
    let end_key = keys.y;
    if (first_key >= end_key) { continue; }
    let tile = Tile(batch, block.head, PACK, block.first_query, block.last_query - block.first_query + 1u, first_key,
      end_key - first_key);
    let verdict = mask_tile(tile);
    if (verdict == 0u) { continue; }

    // Scores. Keys past the end are read from the last one, which is valid, and masked.
    var s: array<array<f32, COLUMNS>, ROWS>;
    var k_tokens: array<Token, COLUMNS>;
    for (var j = 0u; j < COLUMNS; j++) {
      let key = min(first_key + tx + j * THREADS_X, end_key - 1u);
      k_tokens[j] = Token(batch, block.kv_head, key, load_k_at(batch, block.kv_head, key));
      for (var i = 0u; i < ROWS; i++) { s[i][j] = 0.0; }
    }
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= units) { break; }
      var q: array<qk_fragment, ROWS>;
      for (var i = 0u; i < ROWS; i++) { q[i] = load_q(q_tokens[i], unit); }
      for (var j = 0u; j < COLUMNS; j++) {
        let k = load_k(k_tokens[j], unit);
        for (var i = 0u; i < ROWS; i++) { s[i][j] = similarity(s[i][j], q[i], k, unit); }
      }
    }
    for (var i = 0u; i < ROWS; i++) {
      let token = q_tokens[i];
      let position = i32(token.index) + block.shift;
      var largest = MASKED;
      for (var j = 0u; j < COLUMNS; j++) {
        let key = first_key + tx + j * THREADS_X;
        let pair = Pair(batch, token.head, token.index, min(key, end_key - 1u), position, length);
        var value = score_of(s[i][j], pair);
        if (verdict == 1u) { value = mask(value, pair); }
        s[i][j] = select(MASKED, value, key >= spans[i].x && key < min(spans[i].y, end_key));
        largest = max(largest, s[i][j]);
      }
      exchange[(ty * ROWS + i) * THREADS_X + tx] = largest;
    }
    workgroupBarrier();

    // Weights, relative to the new peak.
    for (var i = 0u; i < ROWS; i++) {
      let row = ty * ROWS + i;
      let token = q_tokens[i];
      let position = i32(token.index) + block.shift;
      var largest = MASKED;
      for (var x = 0u; x < MANY; x++) {
        if (x >= lanes) { break; }
        largest = max(largest, exchange[row * THREADS_X + x]);
      }
      let before = peak[i];
      peak[i] = weight_update(before, largest);
      let rescale = weight_rescale(before, peak[i]);
      sum[i] *= rescale;
      for (var e = 0u; e < CHANNELS; e++) { acc[i][e] *= rescale; }
      for (var j = 0u; j < COLUMNS; j++) {
        let column = tx + j * THREADS_X;
        let seen = is_seen(s[i][j]);
        let weight = select(0.0, weight_of(s[i][j], peak[i]), seen);
        let pair = Pair(batch, token.head, token.index, min(first_key + column, end_key - 1u), position, length);
        sum[i] += weight;
        weights[row * WEIGHT_STRIDE + column] = select(0.0, reweight(weight, pair), seen);
      }
    }
    workgroupBarrier();

    for (var step_key = 0u; step_key < MANY; step_key++) {
      let j = step_key * KEY_GROUPS + key_group;
      if (j >= tile.keys) { break; }
      let token = Token(batch, block.kv_head, first_key + j, load_v_at(batch, block.kv_head, first_key + j));
      for (var e = 0u; e < CHANNELS; e++) {
        let value = load_v(token, min(channel_lane + e * CHANNEL_THREADS, V_UNITS - 1u));
        for (var i = 0u; i < ROWS; i++) { acc[i][e] = fma(v_fragment(weights[(ty * ROWS + i) * WEIGHT_STRIDE + j]), value, acc[i][e]); }
      }
    }
  }

  // Each thread summed the weights of its own columns, and its key group's share of the output.
  for (var i = 0u; i < ROWS; i++) { exchange[(ty * ROWS + i) * THREADS_X + tx] = sum[i]; }
  for (var group = 1u; group < MANY; group++) {
    if (group >= key_groups) { break; }
    if (key_group == group) {
      for (var i = 0u; i < ROWS; i++) {
        for (var e = 0u; e < CHANNELS; e++) {
          shares[((ty * ROWS + i) * CHANNELS + e) * CHANNEL_THREADS + channel_lane] = acc[i][e];
        }
      }
    }
    workgroupBarrier();
    if (key_group == 0u) {
      for (var i = 0u; i < ROWS; i++) {
        for (var e = 0u; e < CHANNELS; e++) {
          acc[i][e] += shares[((ty * ROWS + i) * CHANNELS + e) * CHANNEL_THREADS + channel_lane];
        }
      }
    }
    workgroupBarrier();
  }
  workgroupBarrier();
  // Through arrays and rolled loops: code for storing a fragment is long, and once is enough.
  var staged: array<v_fragment, ROWS * CHANNELS>;
  var states: array<vec2<f32>, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    var total = 0.0;
    for (var x = 0u; x < MANY; x++) {
      if (x >= lanes) { break; }
      total += exchange[(ty * ROWS + i) * THREADS_X + x];
    }
    states[i] = vec2<f32>(peak[i], total);
    for (var e = 0u; e < CHANNELS; e++) { staged[i * CHANNELS + e] = acc[i][e]; }
  }
  for (var i = 0u; i < MANY; i++) {
    let row = first_row + ty * ROWS + i;
    if (i >= ROWS || row >= rows) { break; }
    let token = Token(batch, block.head + row % PACK, row / PACK, 0u);
    let finish = begin_row(token, block.split, states[i].x, states[i].y, tx == 0u);
    if (key_group > 0u) { continue; }
    for (var e = 0u; e < MANY; e++) {
      let unit = channel_lane + e * CHANNEL_THREADS;
      if (unit >= V_UNITS) { break; }
      finish_row(token, block.split, unit, staged[i * CHANNELS + e], finish);
    }
  }
}
