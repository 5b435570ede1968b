// y = softmax(scale q k^T + bias) v over a few keys that each query names (slot `select`), an invocation to a query of a head.
// CHUNK keys are scored (gathered-scores.wgsl), then their values summed; a running peak joins the chunks.
// Bytes: queries and outputs once, a key and a value for each named one; what neighbouring queries share comes from cache.

/** Fragments of the output summed at a time. */
const UNITS_AT_ONCE = 4u;
const V_BLOCKS = (V_UNITS + UNITS_AT_ONCE - 1u) / UNITS_AT_ONCE;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = linear_workgroup(id, count) * STEPS * THREADS + lane;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let steps = select(STEPS, 0u, params.queries == 0u);
  let blocks = select(V_BLOCKS, 0u, params.queries == 0u);
  for (var step = 0u; step < MANY; step++) {
    if (step >= steps) { break; }
    let token = row_token(first_row + step * THREADS);
    if (token.batch >= params.batch || token.index >= params.queries) { continue; }
    let row = row_at(token);

    // Everything of a row, fragment by fragment: once a chunk, so it does not matter that it lies in memory.
    var sums: array<v_fragment, V_BLOCKS * UNITS_AT_ONCE>;
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= blocks * UNITS_AT_ONCE) { break; }
      sums[unit] = v_fragment();
    }
    var peak = MASKED;
    var sum = 0.0;
    for (var chunk = 0u; chunk < MANY; chunk++) {
      let first = chunk * CHUNK;
      if (first >= params.selected) { break; }
      let places = min(CHUNK, params.selected - first);
      let largest = score_chunk(row, lane, first, places);
      let before = peak;
      peak = weight_update(before, largest);
      let rescale = weight_rescale(before, peak);
      sum *= rescale;
      for (var place = 0u; place < MANY; place++) {
        if (place >= places) { break; }
        let at = place * THREADS + lane;
        let key = named[at];
        if (key != NO_KEY) {
          let weight = weight_of(weights[at], peak);
          sum += weight;
          weights[at] = reweight(weight, pair_of(row, key));
        }
      }
      for (var block = 0u; block < MANY; block++) {
        if (block >= blocks) { break; }
        let unit = block * UNITS_AT_ONCE;
        var part: array<v_fragment, UNITS_AT_ONCE>;
        for (var e = 0u; e < UNITS_AT_ONCE; e++) { part[e] = sums[unit + e] * rescale; }
        for (var place = 0u; place < MANY; place++) {
          if (place >= places) { break; }
          let key = named[place * THREADS + lane];
          if (key == NO_KEY) { continue; }
          let weight = v_fragment(weights[place * THREADS + lane]);
          let value = Token(token.batch, row.kv_head, key, load_v_at(token.batch, row.kv_head, key));
          for (var e = 0u; e < UNITS_AT_ONCE; e++) {
            part[e] = fma(weight, load_v(value, min(unit + e, V_UNITS - 1u)), part[e]);
          }
        }
        for (var e = 0u; e < UNITS_AT_ONCE; e++) { sums[unit + e] = part[e]; }
      }
    }

    let finish = weight_finish(peak, sum, token.head);
    store_log_sum_exp(row_of(token.batch, token.head, token.index), finish.y);
    let y = Token(token.batch, token.head, token.index, y_at(token.batch, token.head, token.index));
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= min(V_UNITS, blocks * UNITS_AT_ONCE)) { break; }
      epilogue(y, unit, sums[unit] * finish.x);
    }
  }
}
