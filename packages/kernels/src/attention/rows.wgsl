// Attention with running softmax, each thread on its own: y = softmax(scale q k^T + bias) v for ROWS rows over the keys of
// one split, COLUMNS keys at a time, scores and output in registers. No workgroup memory and no barriers, which is what
// adapters that run on a CPU like: they pay for every load of every lane, so a key or value loaded once serves all rows.
// A row is a query of one head; with PACK > 1, PACK neighbouring rows are the heads that share keys at one query.
// Bytes: keys and values are read once per thread, queries once per block of COLUMNS keys (from cache).

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let rows = params.queries * PACK;
  let row_tiles = (rows + ROWS - 1u) / ROWS;
  let head_blocks = HEADS / PACK;
  var block = linear_workgroup(id, count) * WORKGROUP + lane;
  let split = block % SPLITS;
  block /= SPLITS;
  let first_row = (row_tiles - 1u - block % row_tiles) * ROWS;
  block /= row_tiles;
  let head_block = block % head_blocks;
  let batch = block / head_blocks;
  if (batch >= params.batch) { return; }
  let kv_head = head_block * PACK / GROUP;
  let length = length_of(batch);

  let first_query = first_row / PACK;
  let last_query = min((first_row + ROWS - 1u) / PACK, params.queries - 1u);
  let low = visible_keys(position_of(first_query, length), length).x;
  let high = visible_keys(position_of(last_query, length), length).y;
  let split_blocks = ((params.keys + SPLITS - 1u) / SPLITS + COLUMNS - 1u) / COLUMNS;
  let first_block = max(low / COLUMNS, split * split_blocks);
  let end_key = min(high, (split + 1u) * split_blocks * COLUMNS);

  var q_tokens: array<Token, ROWS>;
  var spans: array<vec2<u32>, ROWS>;
  var peak: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  var acc: array<array<v_fragment, V_UNITS>, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    let row = min(first_row + i, rows - 1u);
    let head = head_block * PACK + row % PACK;
    let query = row / PACK;
    q_tokens[i] = Token(batch, head, query, q_at(batch, head, query));
    spans[i] = visible_keys(position_of(query, length), length);
    spans[i].y = min(spans[i].y, end_key);
    peak[i] = MASKED;
  }

  for (var step = 0u; step < MANY; step++) {
    let first_key = (first_block + step) * COLUMNS;
    if (first_key >= end_key) { break; }
    let keys_here = min(COLUMNS, end_key - first_key);
    let verdict = mask_tile(Tile(batch, head_block * PACK, PACK, first_query, last_query - first_query + 1u, first_key, keys_here));
    if (verdict == 0u) { continue; }

    // Scores. Keys past the end are read from the last one, which is valid, and masked.
    var s: array<array<f32, COLUMNS>, ROWS>;
    var k_tokens: array<Token, COLUMNS>;
    for (var j = 0u; j < COLUMNS; j++) {
      let key = min(first_key + j, end_key - 1u);
      k_tokens[j] = Token(batch, kv_head, key, load_k_at(batch, kv_head, key));
      for (var i = 0u; i < ROWS; i++) { s[i][j] = 0.0; }
    }
    for (var unit = 0u; unit < QK_UNITS; unit++) {
      var q: array<qk_fragment, ROWS>;
      for (var i = 0u; i < ROWS; i++) { q[i] = load_q(q_tokens[i], unit); }
      for (var j = 0u; j < COLUMNS; j++) {
        let k = load_k(k_tokens[j], unit);
        for (var i = 0u; i < ROWS; i++) { s[i][j] = similarity(s[i][j], q[i], k, unit); }
      }
    }

    // Weights, relative to the new peak.
    var weights: array<array<f32, ROWS>, COLUMNS>;
    for (var i = 0u; i < ROWS; i++) {
      let token = q_tokens[i];
      let position = position_of(token.index, length);
      var largest = MASKED;
      for (var j = 0u; j < COLUMNS; j++) {
        let key = first_key + j;
        let pair = Pair(batch, token.head, token.index, min(key, end_key - 1u), position, length);
        var value = score_of(s[i][j], pair);
        if (verdict == 1u) { value = mask(value, pair); }
        s[i][j] = select(MASKED, value, key >= spans[i].x && key < spans[i].y);
        largest = max(largest, s[i][j]);
      }
      let before = peak[i];
      peak[i] = weight_update(before, largest);
      let rescale = weight_rescale(before, peak[i]);
      sum[i] *= rescale;
      for (var e = 0u; e < V_UNITS; e++) { acc[i][e] *= rescale; }
      for (var j = 0u; j < COLUMNS; j++) {
        let weight = select(0.0, weight_of(s[i][j], peak[i]), s[i][j] > MASKED * 0.5);
        sum[i] += weight;
        weights[j][i] = weight;
      }
    }

    for (var j = 0u; j < MANY; j++) {
      if (j >= keys_here) { break; }
      let token = Token(batch, kv_head, first_key + j, load_v_at(batch, kv_head, first_key + j));
      for (var e = 0u; e < V_UNITS; e++) {
        let value = load_v(token, e);
        for (var i = 0u; i < ROWS; i++) { acc[i][e] += weights[j][i] * value; }
      }
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    if (first_row + i >= rows) { break; }
    let finish = begin_row(q_tokens[i], split, peak[i], sum[i], true);
    for (var e = 0u; e < V_UNITS; e++) { finish_row(q_tokens[i], split, e, acc[i][e], finish); }
  }
}
