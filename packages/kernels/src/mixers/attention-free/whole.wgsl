// All tokens for each: `gather` leaves what PART tokens come to, `add_up` what all parts do, `emit` reads that for every token.

fn part_count() -> u32 { return (params.tokens + PART - 1u) / PART; }

@compute @workgroup_size(WORKGROUP)
fn gather(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count) * WORKGROUP + lane;
  let unit = line % UNITS;
  let part = line / UNITS % part_count();
  let batch = line / UNITS / part_count();
  if (batch >= params.batch) { return; }
  var state = identity();
  for (var step = 0u; step < PART; step++) {
    let token = part * PART + step;
    if (token >= params.tokens) { break; }
    state = combine(state, scan_load(batch, token, unit));
  }
  carry_store((batch * part_count() + part) * UNITS + unit, state);
}

@compute @workgroup_size(WORKGROUP)
fn add_up(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count) * WORKGROUP + lane;
  let unit = line % UNITS;
  let batch = line / UNITS;
  if (batch >= params.batch) { return; }
  var state = identity();
  for (var part = 0u; part < MANY; part++) {
    if (part >= part_count()) { break; }
    state = combine(state, carry_load((batch * part_count() + part) * UNITS + unit));
  }
  carry_store(batch * part_count() * UNITS + unit, state);
}

@compute @workgroup_size(WORKGROUP)
fn emit(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count) * WORKGROUP + lane;
  let unit = line % UNITS;
  let token = line / UNITS % params.tokens;
  let batch = line / UNITS / params.tokens;
  if (batch >= params.batch) { return; }
  let state = carry_load(batch * part_count() * UNITS + unit);
  scan_emit(batch, token, unit, state, state);
}
