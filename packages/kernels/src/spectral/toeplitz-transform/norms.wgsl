// Denominators, of the units that have them.
@compute @workgroup_size(64)
fn weigh(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let unit = unit_of(at % UNITS);
  if (at / UNITS >= params.tokens || !unit.exists || unit.pair > 0u) { return; }
  norms_store(norm_place(unit, at / UNITS), gathered(unit, at % UNITS, at / UNITS).x);
}

fn finished(unit: Unit, token: u32, sums: vec2<f32>) -> vec2<f32> {
  return sums / (norms_load(norm_place(unit, token)) + EPSILON);
}
