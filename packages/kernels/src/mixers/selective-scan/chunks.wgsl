// Three dispatches: `totals` walks each chunk from zero, and leaves its state and the sum of its steps, which is all that its decay
// depends on; `carry` turns that into the state before each chunk; `emit` walks the chunks again from there.

// Places of a chunk in `carries`: the states, and behind them the sum.
fn carry_at(line: Line, chunk: u32) -> u32 {
  return (chunk_slot(line.sequence.number, chunk) * CHANNELS + line.channel) * (STATES + 1u);
}

@compute @workgroup_size(64)
fn totals(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let place = chunk_place(at / CHANNELS);
  if (place.number >= sequence_count()) { return; }
  let chunk = place.chunk;
  let line = Line(sequence_of(place.number), at % CHANNELS);
  var state: array<f32, STATES>;
  var steps = 0.0;
  for (var step = 0u; step < CHUNK; step++) {
    if (chunk * CHUNK + step >= line.sequence.count) { break; }
    steps += learn(line, chunk * CHUNK + step, &state);
  }
  for (var n = 0u; n < STATES; n++) { carries_store(carry_at(line, chunk) + n, state[n]); }
  carries_store(carry_at(line, chunk) + STATES, steps);
}

@compute @workgroup_size(64)
fn carry(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= sequence_count() * CHANNELS * STATES) { return; }
  let line = Line(sequence_of(at / (CHANNELS * STATES)), at / STATES % CHANNELS);
  let n = at % STATES;
  let rate = rate_load(line.channel * STATES + n);
  var state = state_before(at);
  for (var chunk = 0u; chunk < MANY; chunk++) {
    if (chunk >= chunks_of(line.sequence)) { break; }
    let place = carry_at(line, chunk);
    let added = carries_load(place + n);
    carries_store(place + n, state);
    state = decayed(state, rate * carries_load(place + STATES)) + added;
  }
  keep_state(at, state);
}

@compute @workgroup_size(64)
fn emit(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let place = chunk_place(at / CHANNELS);
  if (place.number >= sequence_count()) { return; }
  let chunk = place.chunk;
  let line = Line(sequence_of(place.number), at % CHANNELS);
  var state: array<f32, STATES>;
  for (var n = 0u; n < STATES; n++) { state[n] = carries_load(carry_at(line, chunk) + n); }
  for (var step = 0u; step < CHUNK; step++) {
    let turn = chunk * CHUNK + step;
    if (turn >= line.sequence.count) { break; }
    let size = learn(line, turn, &state);
    emit_token(line, turn, &state);
  }
}
