// Rotary position embedding from separate tables: x and y with rows of HEAD_UNITS in any memory order, cosine and sine
// [table rows, half], one row per position or per token. One invocation per pair of units, then per unit that is copied.
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
  let row = row_at(batch, head, token);
  if (item >= HALF_UNITS) {
    let copied = row + HALF_UNITS + item;
    y_store(copied, x_load(copied));
    return;
  }
  let first = row + item * FIRST_STEP;
  let second = first + PARTNER;
  let table = table_row(batch * params.tokens + token) * HALF_UNITS + item;
  let cosine = cosine_load(table);
  let sine = sine_load(table);
  let a = x_load(first);
  let b = x_load(second);
  y_store(first, a * cosine - b * sine);
  y_store(second, b * cosine + a * sine);
}
