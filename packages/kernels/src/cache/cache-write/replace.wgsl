// cache = past with rows replaced: [batch, outer, capacity, inner], row-major; a batch row's update begins at its start.
// One invocation per unit of the cache. Bytes: the cache written once, past or update read once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = at / UNITS % CAPACITY;
  let line = at / UNITS / CAPACITY;
  if (line >= params.batch * OUTER) { return; }
  // Beyond the update, also where the row lies before its start: the difference wraps.
  var token = row - start_of(line / OUTER);
  if (CIRCULAR) { token = (row + CAPACITY - start_of(line / OUTER) % CAPACITY) % CAPACITY; }
  if (token < params.tokens) { cache_store(at, update_load(update_row(line / OUTER, line % OUTER, token) + at % UNITS)); }
  else { cache_store(at, past_load(at)); }
}
