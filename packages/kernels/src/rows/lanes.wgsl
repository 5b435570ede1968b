// An invocation of a workgroup, and reductions over the workgroup through shared memory: the same result in all of them.
// A `slot` is memory of its own, so reductions that follow each other take different ones, or need a barrier between.
// PARTS invocations reduce a part each, then every one reduces those: at most two barriers, where halving takes one per level.

// The workgroup's own number is no part of it: values read from a struct do not count as uniform.
struct Lane {
  @builtin(local_invocation_index) index: u32,
}

var<workgroup> lane_values: array<f32, SLOTS * WORKGROUP>;
var<workgroup> part_values: array<f32, SLOTS * PARTS>;

// PARTS, but with ROLLED compilers cannot know: software adapters take seconds to compile these loops unrolled.
fn parts_of(lane: Lane) -> u32 {
  if (ROLLED) { return PARTS + lane.index / WORKGROUP; }
  return PARTS;
}

fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let parts = parts_of(lane);
  lane_values[slot * WORKGROUP + lane.index] = value;
  workgroupBarrier();
  if (lane.index < PARTS) {
    var part = value;
    for (var i = 1u; i < 256u; i++) {
      if (i * parts >= WORKGROUP) { break; }
      part += lane_values[slot * WORKGROUP + i * PARTS + lane.index];
    }
    part_values[slot * PARTS + lane.index] = part;
  }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < 256u; i++) {
    if (i >= parts) { break; }
    total += part_values[slot * PARTS + i];
  }
  return total;
}

fn workgroup_max(lane: Lane, slot: u32, value: f32) -> f32 {
  let parts = parts_of(lane);
  lane_values[slot * WORKGROUP + lane.index] = value;
  workgroupBarrier();
  if (lane.index < PARTS) {
    var part = value;
    for (var i = 1u; i < 256u; i++) {
      if (i * parts >= WORKGROUP) { break; }
      part = max(part, lane_values[slot * WORKGROUP + i * PARTS + lane.index]);
    }
    part_values[slot * PARTS + lane.index] = part;
  }
  workgroupBarrier();
  var most = part_values[slot * PARTS];
  for (var i = 1u; i < 256u; i++) {
    if (i >= parts) { break; }
    most = max(most, part_values[slot * PARTS + i]);
  }
  return most;
}
