// An invocation walks all tokens of a channel.

@compute @workgroup_size(64)
fn walk(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= sequence_count() * CHANNELS) { return; }
  let line = Line(sequence_of(at / CHANNELS), at % CHANNELS);
  var state: array<f32, STATES>;
  load_state(line, &state);
  for (var turn = 0u; turn < MANY; turn++) {
    if (turn >= line.sequence.count) { break; }
    let size = learn(line, turn, &state);
    emit_token(line, turn, &state);
  }
  keep_states(line, &state);
}
