// y = softmax(scale * x) of each row, or its logarithm; one workgroup per row; x and y [rows, columns], row-major.
// Bytes: each row is read once (twice where it does not fit in registers) and written once.

fn scaled(row: u32, unit: u32) -> Value { return x_load(row * UNITS + unit) * SCALE; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  var cache: array<Value, CACHE>;
  var most = LOWEST;
  var sum = 0.0;
  if (CACHED) {
    for (var step = 0u; step < STEPS; step++) {
      let unit = step * WORKGROUP + lane.index;
      if (unit < UNITS) {
        cache[step] = scaled(row, unit);
        most = max(most, largest(cache[step]));
      }
    }
    most = workgroup_max(lane, 0u, most);
    for (var step = 0u; step < STEPS; step++) {
      if (step * WORKGROUP + lane.index < UNITS) {
        let shifted = cache[step] - most;
        let raised = powers(shifted);
        sum += total(raised);
        cache[step] = select(raised, shifted, LOG);
      }
    }
    sum = workgroup_sum(lane, 1u, sum);
  } else {
    // One pass with a running maximum; what was summed before is scaled down whenever it grows.
    for (var step = 0u; step < STEPS; step++) {
      let unit = step * WORKGROUP + lane.index;
      if (unit < UNITS) {
        let value = scaled(row, unit);
        let larger = max(most, largest(value));
        sum = sum * power(most - larger) + total(powers(value - larger));
        most = larger;
      }
    }
    let own = most;
    most = workgroup_max(lane, 0u, most);
    sum = workgroup_sum(lane, 1u, sum * power(own - most));
  }
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      if (!CACHED) { y_store(row * UNITS + unit, finished(scaled(row, unit) - most, sum)); }
      else if (LOG) { y_store(row * UNITS + unit, cache[step] - logarithm(sum)); }
      else { y_store(row * UNITS + unit, cache[step] / sum); }
    }
  }
}

fn finished(shifted: Value, sum: f32) -> Value {
  if (LOG) { return shifted - logarithm(sum); }
  return powers(shifted) / sum;
}
