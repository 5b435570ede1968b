// y[i] = x[i], x in any order that a view says, y row-major; one invocation per unit of y. Bytes: each read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  if (at < params.rows * UNITS) { y_store(at, x_load(at)); }
}
