// The same with the rows of `update` written into the cache that is there; rows beyond it are left out. One invocation per
// unit of the update. Bytes: the update read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let token = at / UNITS % params.tokens;
  let line = at / UNITS / params.tokens;
  if (line >= params.batch * OUTER) { return; }
  let start = start_of(line / OUTER);
  var row = start + token;
  if (CIRCULAR) { row = (start % CAPACITY + token) % CAPACITY; }
  if (row >= CAPACITY || (!CIRCULAR && row < start)) { return; }
  let first = update_row(line / OUTER, line % OUTER, token);
  cache_store((line * CAPACITY + row) * UNITS + at % UNITS, update_load(first + at % UNITS));
}
