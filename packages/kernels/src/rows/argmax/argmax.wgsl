// ids = index of the largest element of each row, the lowest among equals; x [rows, columns], row-major.
// SPLITS workgroups share a row; with more than one, `merge` chooses among what they found. Bytes: x once.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let part = linear_workgroup(group, groups);
  let row = part / SPLITS;
  if (row >= params.rows) { return; }
  let start = part % SPLITS * PART_UNITS;
  // Every invocation begins with the part's first unit, and leaves it only for a larger one.
  var most = largest(x_load(row * UNITS + start));
  var unit = start;
  for (var step = 0u; step < PART_STEPS; step++) {
    let within = step * WORKGROUP + lane.index;
    if (within < PART_UNITS && start + within < UNITS) {
      let value = largest(x_load(row * UNITS + start + within));
      if (value > most) {
        most = value;
        unit = start + within;
      }
    }
  }
  let best = workgroup_max(lane, 0u, most);
  let lowest = -workgroup_max(lane, 1u, select(LOWEST, -f32(unit), most == best));
  if (lane.index == 0u) {
    let found = u32(lowest);
    write_part(part, found * WIDTH + first_equal(x_load(row * UNITS + found), best), best);
  }
}
