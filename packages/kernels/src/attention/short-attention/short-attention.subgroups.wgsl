// Attention over short sequences, one subgroup of LANES threads per workgroup, STEPS blocks of ROWS queries one after the
// other: y = softmax(scale q k^T + bias) v with all scores of the block in registers, so nothing is rescaled on the way.
// For scores, each lane has COLUMNS neighbouring keys and the queries come by shuffles; for the output, each lane has CHANNELS
// fragments of its own and the weights come by shuffles. Every number is loaded by one lane, which is what counts on CPUs.
// Bytes: queries and outputs once, keys and values once per ROWS queries.

const QUERY_SLOTS = (ROWS + LANES - 1u) / LANES;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row_blocks = (params.queries + ROWS - 1u) / ROWS;
  let tasks = params.batch * HEADS * row_blocks;
  let first_task = linear_workgroup(id, count) * STEPS;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let steps = select(STEPS, 0u, params.queries == 0u);
  let units = select(QK_UNITS, 0u, params.queries == 0u);
  for (var step = 0u; step < MANY; step++) {
    if (step >= steps) { break; }
    let task = first_task + step;
    if (task >= tasks) { break; }
    let head = task / row_blocks % HEADS;
    let batch = task / row_blocks / HEADS;
    let kv_head = head / GROUP;
    let first_query = task % row_blocks * ROWS;
    let length = min(length_of(batch), LANES * COLUMNS);
    let last_key = max(length, 1u) - 1u;

    var queries: array<Token, QUERY_SLOTS>;
    for (var m = 0u; m < QUERY_SLOTS; m++) {
      let query = min(first_query + min(m * LANES + lane, ROWS - 1u), params.queries - 1u);
      queries[m] = Token(batch, head, query, q_at(batch, head, query));
    }
    var keys: array<Token, COLUMNS>;
    var s: array<array<f32, COLUMNS>, ROWS>;
    for (var j = 0u; j < COLUMNS; j++) {
      // Keys past the end are read from the last one, which is valid, and masked.
      let key = min(lane * COLUMNS + j, last_key);
      keys[j] = Token(batch, kv_head, key, load_k_at(batch, kv_head, key));
      for (var i = 0u; i < ROWS; i++) { s[i][j] = 0.0; }
    }
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= units) { break; }
      var k: array<qk_fragment, COLUMNS>;
      for (var j = 0u; j < COLUMNS; j++) { k[j] = load_k(keys[j], unit); }
      for (var m = 0u; m < QUERY_SLOTS; m++) {
        let mine = load_q(queries[m], unit);
        for (var l = 0u; l < min(LANES, ROWS); l++) {
          let i = m * LANES + l;
          if (i < ROWS) {
            let q = subgroupShuffle(mine, l);
            for (var j = 0u; j < COLUMNS; j++) { s[i][j] = similarity(s[i][j], q, k[j], unit); }
          }
        }
      }
    }

    var finish: array<vec2<f32>, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      let query = min(first_query + i, params.queries - 1u);
      let position = query_position(batch, query);
      let span = visible_keys(position, length);
      var largest = MASKED;
      for (var j = 0u; j < COLUMNS; j++) {
        let key = lane * COLUMNS + j;
        let pair = Pair(batch, head, query, min(key, last_key), position, length);
        let value = mask(score_of(s[i][j], pair), pair);
        s[i][j] = select(MASKED, value, key >= span.x && key < span.y);
        largest = max(largest, s[i][j]);
      }
      let peak = weight_update(MASKED, subgroupMax(largest));
      var sum = 0.0;
      for (var j = 0u; j < COLUMNS; j++) {
        let seen = is_seen(s[i][j]);
        let weight = select(0.0, weight_of(s[i][j], peak), seen);
        sum += weight;
        let pair = Pair(batch, head, query, min(lane * COLUMNS + j, last_key), position, length);
        s[i][j] = select(0.0, reweight(weight, pair), seen);
      }
      finish[i] = weight_finish(peak, subgroupAdd(sum), head);
    }

    var sums: array<array<v_fragment, CHANNELS>, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      for (var e = 0u; e < CHANNELS; e++) { sums[i][e] = v_fragment(); }
    }
    let lanes = (length + COLUMNS - 1u) / COLUMNS;
    for (var l = 0u; l < MANY; l++) {
      if (l >= lanes) { break; }
      for (var j = 0u; j < COLUMNS; j++) {
        let key = min(l * COLUMNS + j, last_key);
        let token = Token(batch, kv_head, key, load_v_at(batch, kv_head, key));
        var value: array<v_fragment, CHANNELS>;
        for (var e = 0u; e < CHANNELS; e++) { value[e] = load_v(token, min(lane + e * LANES, V_UNITS - 1u)); }
        for (var i = 0u; i < ROWS; i++) {
          let weight = v_fragment(subgroupShuffle(s[i][j], l));
          for (var e = 0u; e < CHANNELS; e++) { sums[i][e] = fma(weight, value[e], sums[i][e]); }
        }
      }
    }

    // Through arrays and rolled loops: code for storing a fragment is long, and once is enough.
    var staged: array<v_fragment, ROWS * CHANNELS>;
    var finishes: array<vec2<f32>, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      finishes[i] = finish[i];
      for (var e = 0u; e < CHANNELS; e++) { staged[i * CHANNELS + e] = sums[i][e]; }
    }
    let rows_here = min(ROWS, params.queries - first_query);
    for (var i = 0u; i < MANY; i++) {
      if (i >= rows_here) { break; }
      let query = first_query + i;
      if (lane == 0u) { store_log_sum_exp(row_of(batch, head, query), finishes[i].y); }
      let token = Token(batch, head, query, y_at(batch, head, query));
      for (var e = 0u; e < MANY; e++) {
        let unit = lane + e * LANES;
        if (unit >= V_UNITS) { break; }
        epilogue(token, unit, staged[i * CHANNELS + e] * finishes[i].x);
      }
    }
  }
}
