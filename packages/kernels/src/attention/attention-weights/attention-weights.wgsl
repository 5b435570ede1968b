// What attention makes of its scores, written out: scale q k^T, capped, with bias and mask, or the weights themselves.
// q [batch, queries, heads, head_size], k [batch, kv_heads, keys, head_size], scores [batch, heads, queries, keys].
// A workgroup of THREADS threads has ROWS queries of one head; a thread scores every THREADS-th key with all of them.
// Bytes: keys once per ROWS queries, queries once per THREADS keys (from cache), scores once. Weights take two passes over
// the keys: the first finds each row's peak and sum, the second computes its scores once more.

var<workgroup> exchange: array<vec2<f32>, ROWS * THREADS>;

/** Scores of the rows with one key: sums of products, not yet scaled. */
fn products(q_tokens: array<Token, ROWS>, k_token: Token, units: u32) -> array<f32, ROWS> {
  let tokens = q_tokens;
  var s: array<f32, ROWS>;
  for (var i = 0u; i < ROWS; i++) { s[i] = 0.0; }
  for (var unit = 0u; unit < MANY; unit++) {
    if (unit >= units) { break; }
    let k = load_k(k_token, unit);
    for (var i = 0u; i < ROWS; i++) { s[i] = similarity(s[i], load_q(tokens[i], unit), k, unit); }
  }
  return s;
}

/** The score with everything that the options and slots add; MASKED where the key is not seen. */
fn biased(sum: f32, pair: Pair) -> f32 {
  let span = visible_keys(pair.position, pair.length);
  let value = mask(score_of(sum, pair), pair);
  return select(MASKED, value, pair.key >= span.x && pair.key < span.y && is_seen(value));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = linear_workgroup(id, count);
  let row_blocks = (params.queries + ROWS - 1u) / ROWS;
  let first_query = block % row_blocks * ROWS;
  let head = block / row_blocks % HEADS;
  let batch = block / row_blocks / HEADS;
  if (batch >= params.batch) { return; }
  let length = length_of(batch);
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let units = select(QK_UNITS, 0u, params.queries == 0u);
  let lanes = select(THREADS, 0u, params.queries == 0u);

  var q_tokens: array<Token, ROWS>;
  var peak: array<f32, ROWS>;
  var factor: array<f32, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    let query = min(first_query + i, params.queries - 1u);
    q_tokens[i] = Token(batch, head, query, q_at(batch, head, query));
    peak[i] = MASKED;
    factor[i] = 0.0;
  }

  if (STAGE == WEIGHTS) {
    for (var step = 0u; step < MANY; step++) {
      let key = step * THREADS + lane;
      if (key >= length) { break; }
      let s = products(q_tokens, Token(batch, head / GROUP, key, load_k_at(batch, head / GROUP, key)), units);
      for (var i = 0u; i < ROWS; i++) {
        let query = q_tokens[i].index;
        let value = biased(s[i], Pair(batch, head, query, key, query_position(batch, query), length));
        let before = peak[i];
        peak[i] = weight_update(before, value);
        let weight = select(0.0, weight_of(value, peak[i]), is_seen(value));
        factor[i] = factor[i] * weight_rescale(before, peak[i]) + weight;
      }
    }
    for (var i = 0u; i < ROWS; i++) { exchange[i * THREADS + lane] = vec2<f32>(peak[i], factor[i]); }
    workgroupBarrier();
    for (var i = 0u; i < ROWS; i++) {
      var largest = MASKED;
      var sum = 0.0;
      for (var l = 0u; l < MANY; l++) {
        if (l >= lanes) { break; }
        largest = weight_update(largest, exchange[i * THREADS + l].x);
      }
      for (var l = 0u; l < MANY; l++) {
        if (l >= lanes) { break; }
        sum += exchange[i * THREADS + l].y * weight_rescale(exchange[i * THREADS + l].x, largest);
      }
      peak[i] = largest;
      factor[i] = weight_finish(largest, sum, head).x;
    }
  }

  let rows = min(ROWS, params.queries - first_query);
  for (var step = 0u; step < MANY; step++) {
    let key = step * THREADS + lane;
    if (key >= params.keys) { break; }
    let s = products(q_tokens, Token(batch, head / GROUP, key, load_k_at(batch, head / GROUP, key)), units);
    var values: array<f32, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      let query = q_tokens[i].index;
      let pair = Pair(batch, head, query, key, query_position(batch, query), length);
      if (STAGE == RAW) {
        values[i] = s[i] * SCALE;
      } else if (STAGE == SOFTCAP_ONLY) {
        values[i] = capped_score(s[i]);
      } else {
        values[i] = biased(s[i], pair);
        let seen = is_seen(values[i]);
        if (STAGE == WEIGHTS) {
          values[i] = select(0.0, reweight(weight_of(values[i], peak[i]), pair) * factor[i], seen);
        }
      }
    }
    for (var i = 0u; i < MANY; i++) {
      if (i >= rows) { break; }
      let at = ((batch * HEADS + head) * params.queries + first_query + i) * params.keys + key;
      store_score(at, values[i], is_seen(values[i]));
    }
  }
}
