// What the gates but the last make of the hidden state, in a dispatch before the one that reads it.

fn reset(group: u32, thread: u32, parity: u32) {
  let spot = spot_of(group, thread, parity);
  part_sums(spot, 0u, EARLY, block_at(parity, spot.line), thread);
  workgroupBarrier();
  if (!spot.is_here || spot.lane != 0u || spot.step >= spot.length) { return; }
  let at = gates_at(token_of(spot.step, spot.length, spot.direction), spot.row, spot.direction) + spot.unit;
  var x = array<f32, GATES>();
  var h = array<f32, GATES>();
  for (var gate = 0u; gate < EARLY; gate++) {
    x[gate] = g_load(at + gate * HIDDEN);
    h[gate] = whole_sum(gate, thread);
    carried_store(block_at(MIXED + 1u + gate, spot.line) + spot.unit, h[gate]);
  }
  let hidden = carried_load(block_at(parity, spot.line) + spot.unit);
  carried_store(block_at(MIXED, spot.line) + spot.unit, cell_reset(CellPlace(spot.direction, spot.unit), x, h, hidden));
}

@compute @workgroup_size(WORKGROUP)
fn even_reset(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  reset(linear_workgroup(id, count), thread, 0u);
}

@compute @workgroup_size(WORKGROUP)
fn odd_reset(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  reset(linear_workgroup(id, count), thread, 1u);
}
