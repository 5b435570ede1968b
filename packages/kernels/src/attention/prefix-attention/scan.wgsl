// Chunks side by side: `chunk` sums each on its own, `carry` turns the sums into those of all chunks before, and `prefix`
// takes up from there. Scores are kept in between, so keys are read once and values twice.

fn chunk_count() -> u32 { return (params.keys + CHUNK - 1u) / CHUNK; }

@compute @workgroup_size(CHUNK)
fn chunk(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = linear_workgroup(id, count);
  let row = chunk / chunk_count();
  if (row >= params.batch * HEADS) { return; }
  let first = chunk % chunk_count() * CHUNK;
  let s = score_at(row / HEADS, row % HEADS, first + lane);
  scores_store(chunk * CHUNK + lane, s);
  var state: State;
  state.peak = scan_peaks(lane, s, MASKED);
  scan_values(lane, row / HEADS, row % HEADS, first, false, &state);
  if (lane == 0u) { sums_store(chunk, vec2<f32>(state.peak, state.sum)); }
  for (var e = 0u; e < CHANNELS; e++) {
    let unit = lane + e * CHUNK;
    if (unit < V_UNITS) { chunk_values_store(chunk * V_UNITS + unit, state.values[e]); }
  }
}

@compute @workgroup_size(CHUNK)
fn carry(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.batch * HEADS) { return; }
  var state: State;
  load_carried(lane, row, &state);
  for (var step = 0u; step < MANY; step++) {
    if (step >= chunk_count()) { break; }
    let chunk = row * chunk_count() + step;
    if (lane == 0u) { before_store(chunk, vec2<f32>(state.peak, state.sum)); }
    let own = sums_load(chunk);
    let peak = larger(state.peak, own.x);
    let factors = vec2<f32>(bounded_power(state.peak - peak), bounded_power(own.x - peak));
    for (var e = 0u; e < CHANNELS; e++) {
      let unit = lane + e * CHUNK;
      if (unit >= V_UNITS) { break; }
      // In place: what this thread has read nobody else needs.
      let value = chunk_values_load(chunk * V_UNITS + unit);
      chunk_values_store(chunk * V_UNITS + unit, state.values[e]);
      state.values[e] = state.values[e] * factors.x + value * factors.y;
    }
    state.peak = peak;
    state.sum = state.sum * factors.x + own.y * factors.y;
  }
  store_carried(lane, row, state);
}

@compute @workgroup_size(CHUNK)
fn prefix(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = linear_workgroup(id, count);
  let row = chunk / chunk_count();
  if (row >= params.batch * HEADS) { return; }
  let before = before_load(chunk);
  var state: State;
  state.sum = before.y;
  for (var e = 0u; e < CHANNELS; e++) {
    state.values[e] = chunk_values_load(chunk * V_UNITS + min(lane + e * CHUNK, V_UNITS - 1u));
  }
  state.peak = scan_peaks(lane, scores_load(chunk * CHUNK + lane), before.x);
  scan_values(lane, row / HEADS, row % HEADS, chunk % chunk_count() * CHUNK, true, &state);
}
