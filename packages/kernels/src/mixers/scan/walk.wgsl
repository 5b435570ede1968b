// One invocation walks a line of tokens: right for any length, and fast where lines are many or short.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count) * WORKGROUP + lane;
  let batch = line / UNITS;
  let unit = line % UNITS;
  if (batch >= sequence_count()) { return; }
  let tokens = sequence_of(batch).count;
  var state = scan_start(batch, unit);
  for (var token = 0u; token < MANY; token++) {
    if (token >= tokens) { break; }
    let before = state;
    state = combine(state, scan_load(batch, token, unit));
    scan_emit(batch, token, unit, before, state);
  }
  scan_finish(batch, unit, state);
}
