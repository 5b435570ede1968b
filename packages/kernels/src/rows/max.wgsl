// The largest value of the workgroup, in every invocation; as the sum in lanes.wgsl.
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
