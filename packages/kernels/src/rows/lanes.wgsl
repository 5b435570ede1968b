// An invocation of a workgroup. The workgroup's own number is no part of it: values read from a struct are not uniform.
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
