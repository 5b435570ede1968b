// y = x / sqrt(mean(x^2) + eps) * gain for each of GROUPS parts of a row, one workgroup per part; x and y [batch, m, GROUPS * LENGTH].
// Bytes: each part is read once (twice where it does not fit in registers) and written once; the gain is read per part.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let part = linear_workgroup(group, groups);
  if (part >= params.batch * params.m * GROUPS) { return; }
  var cache: array<Value, CACHE>;
  var squares = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let value = x_load(part * UNITS + unit);
      if (CACHED) { cache[step] = value; }
      squares += total(value * value);
    }
  }
  let scale = inverseSqrt(workgroup_sum(lane, 0u, squares) / f32(LENGTH) + EPS);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      if (CACHED) { store(part, unit, cache[step] * scale * gain(unit)); }
      else { store(part, unit, x_load(part * UNITS + unit) * scale * gain(unit)); }
    }
  }
}
