// An invocation of a workgroup, and its place in a subgroup of any size.
struct Lane {
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

const MAX_SUBGROUPS = (WORKGROUP + 3u) / 4u;
var<workgroup> lane_values: array<f32, SLOTS * MAX_SUBGROUPS>;
