// The same by subgroups.
fn workgroup_most(lane: Lane, slot: u32, key: u32) -> u32 {
  let own = subgroupMax(key);
  if (ONE_SUBGROUP) { return own; }
  if (lane.subgroup_lane == 0u) { lane_values[slot * MAX_SUBGROUPS + lane.subgroup] = own; }
  workgroupBarrier();
  var most = lane_values[slot * MAX_SUBGROUPS];
  for (var i = 1u; i < MAX_SUBGROUPS; i++) {
    if (i >= lane.subgroups) { break; }
    most = max(most, lane_values[slot * MAX_SUBGROUPS + i]);
  }
  return most;
}
