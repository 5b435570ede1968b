// y = sum, mean, largest, smallest or sum of squares of each row; x [outer, length], one workgroup per row. Bytes: x once.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.outer) { return; }
  var gathered = 0.0;
  if (LARGEST) { gathered = largest(element(row * UNITS)); }
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let value = element(row * UNITS + unit);
      if (LARGEST) { gathered = max(gathered, largest(value)); } else { gathered += total(value); }
    }
  }
  if (LARGEST) { gathered = workgroup_max(lane, 0u, gathered); } else { gathered = workgroup_sum(lane, 0u, gathered); }
  if (lane.index == 0u) { y_store(row, gathered * FACTOR); }
}
