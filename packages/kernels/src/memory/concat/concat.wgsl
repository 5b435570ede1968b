// y[b, h, r] = first[b, h, r] for the first rows, then second[b, h, r - first rows]; y and first [batch, heads, rows, size],
// row-major, second in any memory order of its rows. One invocation per unit of y. Bytes: each read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let unit = at % UNITS;
  let row = at / UNITS % params.rows;
  let sequence = at / UNITS / params.rows;
  let batch = sequence / HEADS;
  if (batch >= params.batch) { return; }
  if (row < params.first_rows) { y_store(at, first_load((sequence * params.first_rows + row) * UNITS + unit)); }
  else { y_store(at, second_load(second_at(batch, sequence % HEADS, row - params.first_rows) + unit)); }
}
