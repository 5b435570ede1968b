// An invocation of a workgroup, and reductions over the workgroup through shared memory: the same result in all of them.
// A `slot` is memory of its own, so reductions that follow each other take different ones, or need a barrier between.

// The workgroup's own number is no part of it: values read from a struct do not count as uniform.
struct Lane {
  @builtin(local_invocation_index) index: u32,
}

var<workgroup> lane_values: array<f32, SLOTS * WORKGROUP>;

fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let at = slot * WORKGROUP + lane.index;
  lane_values[at] = value;
  workgroupBarrier();
  for (var level = 1u; level <= LEVELS; level++) {
    let stride = WORKGROUP >> level;
    if (lane.index < stride) { lane_values[at] += lane_values[at + stride]; }
    workgroupBarrier();
  }
  return lane_values[slot * WORKGROUP];
}

fn workgroup_max(lane: Lane, slot: u32, value: f32) -> f32 {
  let at = slot * WORKGROUP + lane.index;
  lane_values[at] = value;
  workgroupBarrier();
  for (var level = 1u; level <= LEVELS; level++) {
    let stride = WORKGROUP >> level;
    if (lane.index < stride) { lane_values[at] = max(lane_values[at], lane_values[at + stride]); }
    workgroupBarrier();
  }
  return lane_values[slot * WORKGROUP];
}
