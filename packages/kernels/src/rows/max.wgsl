// The largest key of the workgroup, in every invocation; as the sum in lanes.wgsl.
fn workgroup_most(lane: Lane, slot: u32, key: u32) -> u32 {
  let parts = parts_of(lane);
  lane_values[slot * WORKGROUP + lane.index] = key;
  workgroupBarrier();
  if (lane.index < PARTS) {
    var part = key;
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
