// Attention with running softmax over blocks of keys, one subgroup of LANES threads per workgroup, nothing in workgroup
// memory and no barriers: y = softmax(scale q k^T + bias) v for ROWS rows. For scores, each lane has COLUMNS keys of its own
// and all rows' queries come by shuffles; for the output, each lane has CHANNELS fragments of its own and the weights come
// by shuffles. So every number is loaded by one lane only, which is what counts where a load costs more than arithmetic.
// A row is a query of one head; with PACK > 1, PACK neighbouring rows are the heads that share keys at one query.
// Bytes: keys and values are read once per ROWS rows, queries once per block of keys (from cache).

const TILE_ROWS = ROWS;
const TILE_KEYS = LANES * COLUMNS;
const QUERY_SLOTS = (ROWS + LANES - 1u) / LANES;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let batch = block.batch;
  let rows = block.rows;
  let first_row = block.first_row;
  let length = block.length;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let units = select(QK_UNITS, 0u, params.queries == 0u);

  var q_tokens: array<Token, QUERY_SLOTS>;
  var peak: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  var acc: array<array<v_fragment, CHANNELS>, ROWS>;
  for (var m = 0u; m < QUERY_SLOTS; m++) {
    let row = min(first_row + min(m * LANES + lane, ROWS - 1u), rows - 1u);
    let head = block.head + row % PACK;
    q_tokens[m] = Token(batch, head, row / PACK, q_at(batch, head, row / PACK));
  }
  for (var i = 0u; i < ROWS; i++) { peak[i] = MASKED; }

  let walk = walk_of(block);
  for (var step = 0u; step < MANY; step++) {
    if (step >= walk.y) { break; }
    let keys = keys_at(block, walk.x, step);
    let first_key = keys.x;
    let end_key = keys.y;
    if (first_key >= end_key) { continue; }
    let keys_here = end_key - first_key;
    let verdict = mask_tile(Tile(batch, block.head, PACK, block.first_query, block.last_query - block.first_query + 1u, first_key, keys_here));
    if (verdict == 0u) { continue; }

    // Scores. Keys past the end are read from the last one, which is valid, and masked.
    var s: array<array<f32, COLUMNS>, ROWS>;
    var k_tokens: array<Token, COLUMNS>;
    for (var j = 0u; j < COLUMNS; j++) {
      let key = min(first_key + j * LANES + lane, end_key - 1u);
      k_tokens[j] = Token(batch, block.kv_head, key, load_k_at(batch, block.kv_head, key));
      for (var i = 0u; i < ROWS; i++) { s[i][j] = 0.0; }
    }
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= units) { break; }
      var k: array<qk_fragment, COLUMNS>;
      for (var j = 0u; j < COLUMNS; j++) { k[j] = load_k(k_tokens[j], unit); }
      for (var m = 0u; m < QUERY_SLOTS; m++) {
        let mine = load_q(q_tokens[m], unit);
        for (var l = 0u; l < min(LANES, ROWS); l++) {
          let i = m * LANES + l;
          if (i < ROWS) {
            let q = subgroupShuffle(mine, l);
            for (var j = 0u; j < COLUMNS; j++) { s[i][j] = similarity(s[i][j], q, k[j], unit); }
          }
        }
      }
    }

    // Weights, relative to the new peak.
    for (var i = 0u; i < ROWS; i++) {
      let row = min(first_row + i, rows - 1u);
      let query = row / PACK;
      let position = i32(query) + block.shift;
      let span = visible_keys(position, length);
      var largest = MASKED;
      for (var j = 0u; j < COLUMNS; j++) {
        let key = first_key + j * LANES + lane;
        let pair = Pair(batch, block.head + row % PACK, query, min(key, end_key - 1u), position, length);
        var value = score_of(s[i][j], pair);
        if (verdict == 1u) { value = mask(value, pair); }
        s[i][j] = select(MASKED, value, key >= span.x && key < min(span.y, end_key));
        largest = max(largest, s[i][j]);
      }
      let before = peak[i];
      peak[i] = weight_update(before, subgroupMax(largest));
      let rescale = weight_rescale(before, peak[i]);
      sum[i] *= rescale;
      for (var e = 0u; e < CHANNELS; e++) { acc[i][e] *= rescale; }
      for (var j = 0u; j < COLUMNS; j++) {
        let seen = is_seen(s[i][j]);
        let weight = select(0.0, weight_of(s[i][j], peak[i]), seen);
        let key = min(first_key + j * LANES + lane, end_key - 1u);
        let pair = Pair(batch, block.head + row % PACK, query, key, position, length);
        sum[i] += weight;
        s[i][j] = select(0.0, reweight(weight, pair), seen);
      }
    }

    for (var l = 0u; l < MANY; l++) {
      if (l >= min(LANES, keys_here)) { break; }
      // All keys of the step before a row's outputs: those do not fit the registers, and are fetched once for all of them.
      var value: array<array<v_fragment, CHANNELS>, COLUMNS>;
      for (var j = 0u; j < COLUMNS; j++) {
        let key = min(first_key + j * LANES + l, end_key - 1u);
        let token = Token(batch, block.kv_head, key, load_v_at(batch, block.kv_head, key));
        for (var e = 0u; e < CHANNELS; e++) { value[j][e] = load_v(token, min(lane + e * LANES, V_UNITS - 1u)); }
      }
      for (var i = 0u; i < ROWS; i++) {
        var weight: array<f32, COLUMNS>;
        for (var j = 0u; j < COLUMNS; j++) { weight[j] = subgroupShuffle(s[i][j], l); }
        for (var e = 0u; e < CHANNELS; e++) {
          var total = acc[i][e];
          for (var j = 0u; j < COLUMNS; j++) { total = fma(v_fragment(weight[j]), value[j][e], total); }
          acc[i][e] = total;
        }
      }
    }
  }

  // Through arrays and rolled loops: code for storing a fragment is long, and once is enough.
  var staged: array<v_fragment, ROWS * CHANNELS>;
  var states: array<vec2<f32>, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    states[i] = vec2<f32>(peak[i], subgroupAdd(sum[i]));
    for (var e = 0u; e < CHANNELS; e++) { staged[i * CHANNELS + e] = acc[i][e]; }
  }
  let rows_here = min(ROWS, rows - first_row);
  for (var i = 0u; i < MANY; i++) {
    if (i >= rows_here) { break; }
    let token = Token(batch, block.head + (first_row + i) % PACK, (first_row + i) / PACK, 0u);
    let finish = begin_row(token, block.split, states[i].x, states[i].y, lane == 0u);
    for (var e = 0u; e < MANY; e++) {
      let unit = lane + e * LANES;
      if (unit >= V_UNITS) { break; }
      finish_row(token, block.split, unit, staged[i * CHANNELS + e], finish);
    }
  }
}
