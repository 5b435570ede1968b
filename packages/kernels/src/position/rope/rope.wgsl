// Rotary position embedding: x and y [batch, tokens, heads, head_size] in any orders of their rows, tables of cosines and
// sines with a row for each position or each token. One invocation per unit that turns, then per unit that is copied.
// Bytes: x and y once; rows of the tables from cache.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let item = at % ITEMS;
  let head = at / ITEMS % HEADS;
  let token = at / (ITEMS * HEADS) % params.tokens;
  let batch = at / (ITEMS * HEADS) / params.tokens;
  if (batch >= params.batch) { return; }
  let x_start = x_row(batch, head, token);
  let y_start = y_row(batch, head, token);
  if (item >= TURNING) {
    let copied = FIRST_COPIED + item - TURNING;
    y_store(y_start + copied, x_load(x_start + copied));
    return;
  }
  turn(x_start, y_start, item, table_row(batch * params.tokens + token) * TURNING + item);
}
