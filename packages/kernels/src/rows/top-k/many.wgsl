// What was selected, when it is much: a row's workgroup leaves it in memory, then each of them counts who is ahead and writes
// itself where it belongs.

fn keep(row: u32, at: u32, candidate: Candidate) {
  found_store(row * K + at, vec2<u32>(candidate.key, candidate.index));
}

fn finish(lane: u32, row: u32) {}

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
