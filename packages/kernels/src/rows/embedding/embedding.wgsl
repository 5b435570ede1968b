// y[t] = scale * table[ids[t]]: one quad of columns per invocation; table [vocab, hidden] in any layout, y [tokens, hidden].
// Bytes: one row of the table per token and one of y. Tokens beyond the table give zeros, or leave y as it is.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * WORKGROUP + lane;
  let token = item / K_QUADS;
  if (token >= params.tokens) { return; }
  let quad = item % K_QUADS;
  let row = table_row(token);
  if (KEEP && row >= VOCAB) { return; }
  var value = vec4<f32>();
  if (row < VOCAB) {
    let block = load_b(row, quad / BLOCK_QUADS);
    value = load_b_quad(block, quad % BLOCK_QUADS) * SCALE;
  }
  write_quad(token, quad, value);
}
