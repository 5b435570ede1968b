// Hands the rows of x [batch, m, n], row-major, to the filling of `epilogue`, WIDTH neighbouring columns at a time: where they go
// is its business. One invocation per unit. Bytes: x once, and what the filling stores.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = item / UNITS;
  if (row < params.batch * params.m) { epilogue(row, item % UNITS * WIDTH, x_load(item)); }
}
