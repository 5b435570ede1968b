// Skips and gates, where they would be buffers too many for the scan.

@compute @workgroup_size(64)
fn finish(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.batch * params.tokens * CHANNELS) { return; }
  y_store(at, finished(at % CHANNELS, at, x_load(at), y_load(at)));
}
