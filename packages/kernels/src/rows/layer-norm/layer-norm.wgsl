// y = (x - mean) / sqrt(variance + eps) * gain + bias, one workgroup per row; x and y [rows, hidden], row-major.
// The variance is the mean of squared differences, in a second pass: E[x^2] - E[x]^2 loses all digits of rows far from 0.
// Bytes: each row is read once (three times where it does not fit in registers) and written once.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  var cache: array<Value, CACHE>;
  var sum = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let value = x_load(row * UNITS + unit);
      if (CACHED) { cache[step] = value; }
      sum += total(value);
    }
  }
  let mean = workgroup_sum(lane, 0u, sum) / f32(LENGTH);
  var squares = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      var centred: Value;
      if (CACHED) {
        centred = cache[step] - mean;
        cache[step] = centred;
      } else {
        centred = x_load(row * UNITS + unit) - mean;
      }
      squares += total(centred * centred);
    }
  }
  let scale = inverseSqrt(workgroup_sum(lane, 1u, squares) / f32(LENGTH) + EPS);
  if (lane.index == 0u) { write_statistics(row, mean, scale); }
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      if (CACHED) { y_store(row * UNITS + unit, finished(unit, cache[step] * scale)); }
      else { y_store(row * UNITS + unit, finished(unit, (x_load(row * UNITS + unit) - mean) * scale)); }
    }
  }
}
