// Attention over short sequences, a query to an invocation: y = softmax(scale q k^T + bias) v with all scores of a query at
// hand, so nothing is rescaled on the way. Neighbouring invocations have queries of one sequence and read the same keys and
// values; THREADS of them make a sequence's share, SEQUENCES shares lie side by side in a workgroup, and STEPS go by one
// after the other. Scores wait in workgroup memory, each invocation's in a column of its own, so nobody waits for anybody.
// Bytes: queries and outputs once; keys and values once per THREADS queries, mostly from cache.

const WORKGROUP = THREADS * SEQUENCES;
/** Keys scored at a time, and fragments of the output summed at a time. */
const KEYS_AT_ONCE = 8u;
const UNITS_AT_ONCE = 4u;

var<workgroup> weights: array<f32, KEYS * WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row_blocks = (params.queries + THREADS - 1u) / THREADS;
  let tasks = params.batch * HEADS * row_blocks;
  let first_task = linear_workgroup(id, count) * STEPS * SEQUENCES + lane / THREADS;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let steps = select(STEPS, 0u, params.queries == 0u);
  let qk_units = select(QK_UNITS, 0u, params.queries == 0u);
  let v_blocks = select((V_UNITS + UNITS_AT_ONCE - 1u) / UNITS_AT_ONCE, 0u, params.queries == 0u);
  for (var step = 0u; step < MANY; step++) {
    if (step >= steps) { break; }
    let task = first_task + step * SEQUENCES;
    let query = task % row_blocks * THREADS + lane % THREADS;
    if (task >= tasks || query >= params.queries) { continue; }
    let head = task / row_blocks % HEADS;
    let batch = task / row_blocks / HEADS;
    let kv_head = head / GROUP;
    let length = min(length_of(batch), KEYS);
    let token = Token(batch, head, query, q_at(batch, head, query));
    let position = query_position(batch, query);
    let span = visible_keys(position, length);

    var largest = MASKED;
    for (var block = 0u; block < MANY; block++) {
      let first_key = block * KEYS_AT_ONCE;
      if (first_key >= length) { break; }
      var keys: array<Token, KEYS_AT_ONCE>;
      var s: array<f32, KEYS_AT_ONCE>;
      for (var j = 0u; j < KEYS_AT_ONCE; j++) {
        let key = min(first_key + j, length - 1u);
        keys[j] = Token(batch, kv_head, key, load_k_at(batch, kv_head, key));
        s[j] = 0.0;
      }
      for (var unit = 0u; unit < MANY; unit++) {
        if (unit >= qk_units) { break; }
        let q = load_q(token, unit);
        for (var j = 0u; j < KEYS_AT_ONCE; j++) { s[j] = similarity(s[j], q, load_k(keys[j], unit), unit); }
      }
      for (var j = 0u; j < KEYS_AT_ONCE; j++) {
        let key = first_key + j;
        if (key < length) {
          let pair = Pair(batch, head, query, key, position, length);
          let value = select(MASKED, mask(score_of(s[j], pair), pair), key >= span.x && key < span.y);
          weights[key * WORKGROUP + lane] = value;
          largest = max(largest, value);
        }
      }
    }

    let peak = weight_update(MASKED, largest);
    var sum = 0.0;
    for (var key = 0u; key < MANY; key++) {
      if (key >= length) { break; }
      let score = weights[key * WORKGROUP + lane];
      let seen = is_seen(score);
      let weight = select(0.0, weight_of(score, peak), seen);
      let pair = Pair(batch, head, query, key, position, length);
      sum += weight;
      weights[key * WORKGROUP + lane] = select(0.0, reweight(weight, pair), seen);
    }
    let finish = weight_finish(peak, sum, head);
    store_log_sum_exp(row_of(batch, head, query), finish.y);

    let y = Token(batch, head, query, y_at(batch, head, query));
    for (var block = 0u; block < MANY; block++) {
      if (block >= v_blocks) { break; }
      var sums: array<v_fragment, UNITS_AT_ONCE>;
      for (var e = 0u; e < UNITS_AT_ONCE; e++) { sums[e] = v_fragment(); }
      for (var key = 0u; key < MANY; key++) {
        if (key >= length) { break; }
        let weight = v_fragment(weights[key * WORKGROUP + lane]);
        let value = Token(batch, kv_head, key, load_v_at(batch, kv_head, key));
        for (var e = 0u; e < UNITS_AT_ONCE; e++) {
          sums[e] = fma(weight, load_v(value, min(block * UNITS_AT_ONCE + e, V_UNITS - 1u)), sums[e]);
        }
      }
      for (var e = 0u; e < UNITS_AT_ONCE; e++) {
        let unit = block * UNITS_AT_ONCE + e;
        if (unit < V_UNITS) { epilogue(y, unit, sums[e] * finish.x); }
      }
    }
  }
}
