// What was selected, when it is much: a workgroup for each row leaves it in memory (`gather`), then each of them counts who is
// ahead and writes itself where it belongs (`rank`).

fn candidate_at(merged: bool, row: u32, i: u32) -> Candidate { return Candidate(ordered(x_load(row * COLUMNS + i)), i); }

fn keep(row: u32, at: u32, candidate: Candidate) {
  found_store(row * K + at, vec2<u32>(candidate.key, candidate.index));
}

@compute @workgroup_size(WORKGROUP)
fn gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  select_best(lane, false, row, 0u, COLUMNS);
}

@compute @workgroup_size(WORKGROUP)
fn rank(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = linear_workgroup(group, groups) * WORKGROUP + lane;
  let row = place / K;
  if (row >= params.rows) { return; }
  let own = found_load(place);
  var ahead = 0u;
  for (var i = 0u; i < MANY; i++) {
    if (i >= K) { break; }
    let other = found_load(row * K + i);
    ahead += select(0u, 1u, other.x > own.x || (other.x == own.x && other.y < own.y));
  }
  values_store(row * K + ahead, unordered(own.x));
  ids_store(row * K + ahead, own.y);
}
