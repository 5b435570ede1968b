// What is left over: all blocks (`fill`), less the chosen ones (`list` calls `choose`).

@compute @workgroup_size(WORKGROUP)
fn fill(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * WORKGROUP + lane;
  if (index < params.rows * BLOCKS) { others_store(index, 1u); }
}

fn choose(row: u32, number: u32) { others_store(row * BLOCKS + number, 0u); }
