// softmax of few and long rows: SPLITS workgroups share a row. `gather` leaves each one's maximum and sum of powers, and
// `spread` merges them and writes. Bytes: each row is read twice and written once.

fn scaled(row: u32, unit: u32) -> Value { return x_load(row * UNITS + unit) * SCALE; }

@compute @workgroup_size(WORKGROUP)
fn gather(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let part = linear_workgroup(group, groups);
  let row = part / SPLITS;
  if (row >= params.rows) { return; }
  let start = part % SPLITS * PART_UNITS;
  var most = LOWEST;
  var sum = 0.0;
  for (var step = 0u; step < PART_STEPS; step++) {
    let within = step * WORKGROUP + lane.index;
    if (within < PART_UNITS && start + within < UNITS) {
      let value = scaled(row, start + within);
      let larger = max(most, largest(value));
      sum = sum * power(most - larger) + total(powers(value - larger));
      most = larger;
    }
  }
  let own = most;
  most = workgroup_max(lane, 0u, most);
  sum = workgroup_sum(lane, 1u, sum * power(own - most));
  if (lane.index == 0u) { parts_store(part, vec2<f32>(most, sum)); }
}

@compute @workgroup_size(WORKGROUP)
fn spread(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let part = linear_workgroup(group, groups);
  let row = part / SPLITS;
  if (row >= params.rows) { return; }
  let start = part % SPLITS * PART_UNITS;
  var most = parts_load(row * SPLITS).x;
  var sum = 0.0;
  for (var i = 0u; i < SPLITS; i++) {
    let each = parts_load(row * SPLITS + i);
    let larger = max(most, each.x);
    sum = sum * power(most - larger) + each.y * power(each.x - larger);
    most = larger;
  }
  for (var step = 0u; step < PART_STEPS; step++) {
    let within = step * WORKGROUP + lane.index;
    if (within < PART_UNITS && start + within < UNITS) {
      let shifted = scaled(row, start + within) - most;
      if (LOG) { y_store(row * UNITS + start + within, shifted - logarithm(sum)); }
      else { y_store(row * UNITS + start + within, powers(shifted) / sum); }
    }
  }
}
