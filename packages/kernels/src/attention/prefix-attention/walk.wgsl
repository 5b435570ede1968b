// One workgroup per head walks all chunks.

@compute @workgroup_size(CHUNK)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.batch * HEADS) { return; }
  var state: State;
  load_carried(lane, row, &state);
  for (var step = 0u; step < MANY; step++) {
    let first = step * CHUNK;
    if (first >= params.keys) { break; }
    let s = score_at(row / HEADS, row % HEADS, first + lane);
    state.peak = scan_peaks(lane, s, state.peak);
    scan_values(lane, row / HEADS, row % HEADS, first, true, &state);
  }
  store_carried(lane, row, state);
}
