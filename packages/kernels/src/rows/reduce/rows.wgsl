// y = sum, mean, largest, smallest or sum of squares of each row; x [outer, length], one workgroup per row. Bytes: x once.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.outer) { return; }
  var gathered = 0.0;
  var met_nan = false;
  if (LARGEST) { gathered = largest(element(row * UNITS)); }
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let value = element(row * UNITS + unit);
      if (LARGEST) {
        gathered = max(gathered, largest(value));
        met_nan = met_nan || has_nan(value);
      } else {
        gathered += total(value);
      }
    }
  }
  if (LARGEST) { gathered = unordered(workgroup_most(lane, 0u, key_of_largest(gathered, met_nan))); } else { gathered = workgroup_sum(lane, 0u, gathered); }
  if (lane.index == 0u) { y_store(row, gathered * FACTOR); }
}
