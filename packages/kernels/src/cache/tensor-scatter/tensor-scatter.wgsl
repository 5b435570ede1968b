// cache[sequence, head, position] = update[token, head] for every token; update [tokens, kv_heads, head_size], cache
// [batch, kv_heads, capacity, head_size], row-major. One invocation per unit of a row. Bytes: reads and writes the update.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let token = at / (KV_HEADS * UNITS);
  if (token >= params.tokens) { return; }
  let head = at / UNITS % KV_HEADS;
  let row = positions_load(token).y;
  if (row >= params.batch * CAPACITY) { return; }
  let cache_row = (row / CAPACITY * KV_HEADS + head) * CAPACITY + row % CAPACITY;
  cache_store(cache_row * UNITS + at % UNITS, update_load(at));
}
