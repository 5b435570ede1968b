// measure = the largest less the mean of a query's scores with the keys that the slot `select` names, an invocation to a
// query of a head (gathered-scores.wgsl). Bytes: queries once, a key for each named one, one number per row.

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = linear_workgroup(id, count) * STEPS * THREADS + lane;
  // A bound that compilers cannot see through: unrolling the loop costs seconds of compilation and gains nothing.
  let steps = select(STEPS, 0u, params.queries == 0u);
  for (var step = 0u; step < MANY; step++) {
    if (step >= steps) { break; }
    let index = first_row + step * THREADS;
    let query = index % params.queries;
    let head = index / params.queries % HEADS;
    let batch = index / params.queries / HEADS;
    if (batch >= params.batch) { continue; }
    let row = row_at(Token(batch, head, query, q_at(batch, head, query)));
    var largest = MASKED;
    var sum = 0.0;
    var seen = 0u;
    for (var chunk = 0u; chunk < MANY; chunk++) {
      let first = chunk * CHUNK;
      if (first >= params.selected) { break; }
      let places = min(CHUNK, params.selected - first);
      largest = max(largest, score_chunk(row, lane, first, places));
      for (var place = 0u; place < MANY; place++) {
        if (place >= places) { break; }
        if (named[place * THREADS + lane] != NO_KEY) {
          sum += weights[place * THREADS + lane];
          seen++;
        }
      }
    }
    measure_store(index, select(0.0, largest - sum / f32(max(seen, 1u)), seen > 0u));
  }
}
