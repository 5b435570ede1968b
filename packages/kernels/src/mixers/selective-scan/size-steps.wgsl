// The steps of all tokens, where a bias would be one buffer too many for the scan.

@compute @workgroup_size(64)
fn size_steps(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.batch * params.tokens * CHANNELS) { return; }
  steps_store(at, step_of(delta_load(at) + bias_of(at % CHANNELS)));
}
