@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  find_likeliest(lane, row, 0u, VOCAB);
  var token = atomicLoad(&likeliest_index);
  if (params.temperature > 0.0) {
    let most = unordered(atomicLoad(&likeliest));
    clear_high(lane);
    tally_high(lane, row, most, 0u, VOCAB);
    token = draw(lane, row, most);
  }
  if (lane == 0u) { emit(row, token); }
}
