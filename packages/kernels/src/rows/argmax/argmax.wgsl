// ids = index of the largest element of each row, the lowest among equals, or of the first NaN; x [rows, columns], row-major.
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
  var met_nan = false;
  for (var step = 0u; step < PART_STEPS; step++) {
    let within = step * WORKGROUP + lane.index;
    if (within < PART_UNITS && start + within < UNITS) {
      let value = x_load(row * UNITS + start + within);
      if (!met_nan) {
        met_nan = has_nan(value);
        if (met_nan || largest(value) > most) {
          most = largest(value);
          unit = start + within;
        }
      }
    }
  }
  let key = key_of_largest(most, met_nan);
  let best = workgroup_most(lane, 0u, key);
  let found = ~workgroup_most(lane, 1u, select(0u, ~unit, key == best));
  if (lane.index == 0u) { write_part(part, found * WIDTH + first_with(x_load(row * UNITS + found), best), best); }
}
