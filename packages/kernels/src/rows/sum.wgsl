// The sum over the workgroup, in every invocation. PARTS invocations add up a part each, then every one adds up those: two
// barriers, where halving takes one per level. A `slot` is memory of its own: reductions that follow each other take different
// ones, or need a barrier between.
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
  var sum = 0.0;
  for (var i = 0u; i < 256u; i++) {
    if (i >= parts) { break; }
    sum += part_values[slot * PARTS + i];
  }
  return sum;
}
