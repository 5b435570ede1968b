// rms-norm with the row's sum of squares reduced by subgroups of any size: one barrier instead of one per halving.

var<workgroup> partial: array<f32, MAX_SUBGROUPS>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.rows) { return; }
  let sum = subgroupAdd(row_sum(row, lane));
  if (subgroup_lane == 0u) { partial[subgroup] = sum; }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < MAX_SUBGROUPS; i++) {
    if (i >= subgroups) { break; }
    total += partial[i];
  }
  write_row(row, lane, total);
}
