// An invocation of a workgroup, and reductions by subgroups of any size: one barrier instead of one per halving.
// A `slot` is memory of its own, so reductions that follow each other take different ones, or need a barrier between.

// The workgroup's own number is no part of it: values read from a struct do not count as uniform.
struct Lane {
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

var<workgroup> lane_values: array<f32, SLOTS * MAX_SUBGROUPS>;

fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let own = subgroupAdd(value);
  if (lane.subgroup_lane == 0u) { lane_values[slot * MAX_SUBGROUPS + lane.subgroup] = own; }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < MAX_SUBGROUPS; i++) {
    if (i >= lane.subgroups) { break; }
    total += lane_values[slot * MAX_SUBGROUPS + i];
  }
  return total;
}

fn workgroup_max(lane: Lane, slot: u32, value: f32) -> f32 {
  let own = subgroupMax(value);
  if (lane.subgroup_lane == 0u) { lane_values[slot * MAX_SUBGROUPS + lane.subgroup] = own; }
  workgroupBarrier();
  var most = lane_values[slot * MAX_SUBGROUPS];
  for (var i = 1u; i < MAX_SUBGROUPS; i++) {
    if (i >= lane.subgroups) { break; }
    most = max(most, lane_values[slot * MAX_SUBGROUPS + i]);
  }
  return most;
}
