// A workgroup selects among a whole row; `finish` says what becomes of it.

fn candidate_at(merged: bool, row: u32, i: u32) -> Candidate { return Candidate(ordered(x_load(row * COLUMNS + i)), i); }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  select_best(lane, false, row, 0u, COLUMNS);
  finish(lane, row);
}
