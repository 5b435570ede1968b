// Long rows: PARTS workgroups select among a part each, in order (`gather`), and one among what they found (`merge`). Parts are
// in ascending order and so are equals within them, so that the first among equals is the one of the lowest index.

fn candidate_at(merged: bool, row: u32, i: u32) -> Candidate {
  if (merged) {
    let found = found_load(row * PARTS * K + i);
    return Candidate(found.x, found.y);
  }
  return Candidate(ordered(x_load(row * COLUMNS + i)), i);
}

@compute @workgroup_size(WORKGROUP)
fn gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let part = linear_workgroup(group, groups);
  let row = part / PARTS;
  if (row >= params.rows) { return; }
  let first = part % PARTS * PART;
  select_best(lane, false, row, first, min(PART, COLUMNS - first));
  put_in_order(lane);
  for (var step = 0u; step < SORT_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < K) { found_store(part * K + i, vec2<u32>(sorted_keys[i], sorted_indices[i])); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn merge(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  select_best(lane, true, row, 0u, PARTS * K);
  finish(lane, row);
}
