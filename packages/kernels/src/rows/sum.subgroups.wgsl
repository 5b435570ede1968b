// The same by subgroups: one barrier, or none where the workgroup is a single subgroup.
fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let own = subgroupAdd(value);
  if (ONE_SUBGROUP) { return own; }
  if (lane.subgroup_lane == 0u) { lane_values[slot * MAX_SUBGROUPS + lane.subgroup] = own; }
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < MAX_SUBGROUPS; i++) {
    if (i >= lane.subgroups) { break; }
    sum += lane_values[slot * MAX_SUBGROUPS + i];
  }
  return sum;
}
