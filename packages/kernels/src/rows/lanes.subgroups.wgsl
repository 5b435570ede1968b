// An invocation of a workgroup, and its place in a subgroup of any size.
struct Lane {
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

const MAX_SUBGROUPS = (WORKGROUP + 3u) / 4u;
// Sums as bits, and keys.
var<workgroup> lane_values: array<u32, SLOTS * MAX_SUBGROUPS>;

// The sum over the workgroup, in every invocation: one barrier, or none where the workgroup is a single subgroup.
fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let own = subgroupAdd(value);
  if (ONE_SUBGROUP) { return own; }
  if (lane.subgroup_lane == 0u) { lane_values[slot * MAX_SUBGROUPS + lane.subgroup] = bitcast<u32>(own); }
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < 256u; i++) {
    if (i >= lane.subgroups) { break; }
    sum += bitcast<f32>(lane_values[slot * MAX_SUBGROUPS + i]);
  }
  return sum;
}
