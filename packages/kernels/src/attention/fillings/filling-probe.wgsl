// Attention as it is written down, for tests of what fills its slots: an invocation per row of y, PROBE_KEYS keys at a time.
// Every slot is called as kernels with tiles call it; nothing is shared between invocations, so it compiles in no time.

const TILE_ROWS = 1u;
const TILE_KEYS = PROBE_KEYS;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count) * 64u + lane;
  if (row >= row_count()) { return; }
  let token = token_of(row);
  let batch = token.batch;
  let head = token.head;
  let query = token.index;
  let length = length_of(batch);
  let position = query_position(batch, query);
  let span = visible_keys(position, length);
  let q_token = Token(batch, head, query, q_at(batch, head, query));
  // Blocks of queries have verdicts as in kernels with tiles.
  let first_query = query / PROBE_QUERIES * PROBE_QUERIES;
  let queries = min(PROBE_QUERIES, query_count(batch) - first_query);

  var peak = MASKED;
  var sum = 0.0;
  var acc: array<v_fragment, V_UNITS>;
  for (var first = 0u; first < MANY; first += PROBE_KEYS) {
    if (first >= span.y) { break; }
    let keys = min(PROBE_KEYS, length - first);
    let verdict = mask_tile(Tile(batch, head, 1u, first_query, queries, first, keys));
    if (verdict == 0u) { continue; }
    var s: array<f32, PROBE_KEYS>;
    var largest = MASKED;
    for (var j = 0u; j < MANY; j++) {
      if (j >= keys) { break; }
      let key = first + j;
      let k_token = Token(batch, head / GROUP, key, load_k_at(batch, head / GROUP, key));
      var product = 0.0;
      for (var unit = 0u; unit < MANY; unit++) {
        if (unit >= QK_UNITS) { break; }
        product = similarity(product, load_q(q_token, unit), load_k(k_token, unit), unit);
      }
      let pair = Pair(batch, head, query, key, position, length);
      var value = score_of(product, pair);
      if (verdict == 1u) { value = mask(value, pair); }
      s[j] = select(MASKED, value, key >= span.x && key < span.y);
      largest = max(largest, s[j]);
    }
    let before = peak;
    peak = weight_update(before, largest);
    let rescale = weight_rescale(before, peak);
    sum *= rescale;
    for (var e = 0u; e < MANY; e++) {
      if (e >= V_UNITS) { break; }
      acc[e] *= rescale;
    }
    for (var j = 0u; j < MANY; j++) {
      if (j >= keys) { break; }
      let key = first + j;
      let seen = is_seen(s[j]);
      let weight = select(0.0, weight_of(s[j], peak), seen);
      sum += weight;
      let factor = select(0.0, reweight(weight, Pair(batch, head, query, key, position, length)), seen);
      let v_token = Token(batch, head / GROUP, key, load_v_at(batch, head / GROUP, key));
      for (var e = 0u; e < MANY; e++) {
        if (e >= V_UNITS) { break; }
        acc[e] += factor * load_v(v_token, e);
      }
    }
  }
  let finish = begin_row(token, 0u, peak, sum, true);
  for (var e = 0u; e < MANY; e++) {
    if (e >= V_UNITS) { break; }
    finish_row(token, 0u, e, acc[e], finish);
  }
}
