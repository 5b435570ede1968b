// An invocation walks all tokens of a channel.

@compute @workgroup_size(64)
fn walk(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let line = Line(at / CHANNELS, at % CHANNELS);
  if (line.batch >= params.batch) { return; }
  var state: array<f32, STATES>;
  load_state(line, &state);
  for (var turn = 0u; turn < MANY; turn++) {
    if (turn >= params.tokens) { break; }
    let size = learn(line, turn, &state);
    emit_token(line, turn, &state);
  }
  keep_states(line, &state);
}
