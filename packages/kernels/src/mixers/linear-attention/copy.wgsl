// Puts the states before where those after go, in programs that have no binding left for both.

@compute @workgroup_size(64)
fn copy_states(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let at = linear_workgroup(id, count) * 64u + invocation;
  if (at < sequence_count() * VALUE_HEADS * KEY_SIZE * VALUE_SIZE) { last_store(at, initial_load(at)); }
}
