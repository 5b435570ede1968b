// y = x / sqrt(mean(x^2) + eps) * gain, one workgroup per row; x and y [rows, hidden], row-major.
// Bytes: each row is read once (twice where it does not fit in registers) and written once; the gain is read per row.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  var cache: array<Value, CACHE>;
  var squares = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let value = x_load(row * UNITS + unit);
      if (CACHED) { cache[step] = value; }
      squares += total(value * value);
    }
  }
  let scale = inverseSqrt(workgroup_sum(lane, 0u, squares) / f32(LENGTH) + EPS);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let at = row * UNITS + unit;
      if (CACHED) { y_store(at, cache[step] * scale * gain(unit)); }
      else { y_store(at, x_load(at) * scale * gain(unit)); }
    }
  }
}
