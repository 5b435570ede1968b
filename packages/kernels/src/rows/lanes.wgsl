// An invocation of a workgroup. The workgroup's own number is no part of it: values read from a struct are not uniform.
struct Lane {
  @builtin(local_invocation_index) index: u32,
}

const PARTS = 16u;
// Sums as bits, and keys.
var<workgroup> lane_values: array<u32, SLOTS * WORKGROUP>;
var<workgroup> part_values: array<u32, SLOTS * PARTS>;

// PARTS, but with ROLLED compilers cannot know: software adapters take seconds to compile these loops unrolled.
fn parts_of(lane: Lane) -> u32 {
  if (ROLLED) { return PARTS + lane.index / WORKGROUP; }
  return PARTS;
}

// The sum over the workgroup, in every invocation. PARTS invocations add up a part each, then every one adds up those: two
// barriers, where halving takes one per level. A `slot` is memory of its own: reductions that follow each other take different
// ones, or need a barrier between.
fn workgroup_sum(lane: Lane, slot: u32, value: f32) -> f32 {
  let parts = parts_of(lane);
  lane_values[slot * WORKGROUP + lane.index] = bitcast<u32>(value);
  workgroupBarrier();
  if (lane.index < PARTS) {
    var part = 0.0;
    for (var i = 0u; i < 256u; i++) {
      if (i * parts >= WORKGROUP) { break; }
      part += bitcast<f32>(lane_values[slot * WORKGROUP + i * PARTS + lane.index]);
    }
    part_values[slot * PARTS + lane.index] = bitcast<u32>(part);
  }
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < 256u; i++) {
    if (i >= parts) { break; }
    sum += bitcast<f32>(part_values[slot * PARTS + i]);
  }
  return sum;
}
