// A long vocabulary: PARTS workgroups per row find the likeliest token (`survey`), then fill the upper bins (`tally`), and one
// adds those up and draws (`choose`).

fn row_likeliest(row: u32) -> vec2<u32> {
  var best = parts_load(row * PARTS);
  for (var i = 1u; i < PARTS; i++) {
    let each = parts_load(row * PARTS + i);
    if (each.x > best.x) { best = each; }
  }
  return best;
}

@compute @workgroup_size(WORKGROUP)
fn survey(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let part = linear_workgroup(group, groups);
  let row = part / PARTS;
  if (row >= params.rows) { return; }
  let first = part % PARTS * PART;
  find_likeliest(lane, row, first, min(PART, VOCAB - first));
  if (lane == 0u) { parts_store(part, vec2<u32>(atomicLoad(&likeliest), atomicLoad(&likeliest_index))); }
}

@compute @workgroup_size(WORKGROUP)
fn tally(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let part = linear_workgroup(group, groups);
  let row = part / PARTS;
  if (row >= params.rows || params.temperature <= 0.0) { return; }
  let first = part % PARTS * PART;
  clear_high(lane);
  tally_high(lane, row, unordered(row_likeliest(row).x), first, min(PART, VOCAB - first));
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= 3u * HIGH_BINS) { break; }
    tallies_store(part * 3u * HIGH_BINS + i, atomicLoad(&high[i]));
  }
}

@compute @workgroup_size(WORKGROUP)
fn choose(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  let best = row_likeliest(row);
  var token = best.y;
  if (params.temperature > 0.0) {
    for (var step = 0u; step < MOST_STEPS; step++) {
      let i = step * WORKGROUP + lane;
      if (i >= 3u * HIGH_BINS) { break; }
      var sum = 0u;
      for (var part = 0u; part < PARTS; part++) { sum += tallies_load((row * PARTS + part) * 3u * HIGH_BINS + i); }
      atomicStore(&high[i], sum);
    }
    workgroupBarrier();
    token = draw(lane, row, unordered(best.x));
  }
  if (lane == 0u) { emit(row, token); }
}
