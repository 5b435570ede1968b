// Keeps the sums before, which all workgroups read, from the one that writes those after in their place.

@compute @workgroup_size(64)
fn copy_sums(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let at = linear_workgroup(id, count) * 64u + invocation;
  if (at < sequence_count() * VALUE_HEADS * KEY_SIZE) { sums_before_store(at, last_sums_load(at)); }
}
