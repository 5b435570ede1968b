// Rotary position embedding: x and y [tokens, heads, head_size], cos_sin [positions, half, 2], positions [tokens, 2] of which
// the first column is the position. One unit of a head per invocation. Bytes: x and y once; the table's rows from cache.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * WORKGROUP + lane;
  let vector = item / ITEMS;
  let token = vector / HEADS;
  if (token >= params.tokens) { return; }
  turn(vector, token, item % ITEMS);
}
