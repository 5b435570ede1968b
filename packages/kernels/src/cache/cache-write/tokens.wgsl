// The same where each token of `update` has a row of its own: `sequence * capacity + position`. Rows beyond the cache are left
// out. One invocation per unit of the update. Bytes: the update read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let token = at / (OUTER * UNITS);
  if (token >= params.tokens) { return; }
  let outer = at / UNITS % OUTER;
  let row = positions_load(token).y;
  if (row >= params.batch * CAPACITY) { return; }
  let cache_row = (row / CAPACITY * OUTER + outer) * CAPACITY + row % CAPACITY;
  cache_store(cache_row * UNITS + at % UNITS, update_load(update_row(0u, outer, token) + at % UNITS));
}
