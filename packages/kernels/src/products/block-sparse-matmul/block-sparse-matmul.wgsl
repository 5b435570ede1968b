// y = epilogue(a · bᵀ), b block-sparse: an invocation holds a quad of columns of one row of y and goes through the blocks of
// its row of blocks. a [rows, k]; b [n, k] in blocks of BLOCK_HEIGHT by 4·WIDTH_QUADS: pointers, columns, values (see
// format.ts); y [rows, n].
// Bytes: what b stores once per row of a, as far as no cache serves; a once per stored block, y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = item / N_QUADS;
  if (row >= row_count()) { return; }
  let column = 4u * (item % N_QUADS);
  let first = b_word(column / BLOCK_HEIGHT);
  let end = b_word(column / BLOCK_HEIGHT + 1u);
  // Values begin behind the columns, as many as the last pointer says, at a whole vec4 of words.
  let values = (B_COLUMNS + b_word(BLOCK_ROWS) + 3u) / 4u;

  var sum = vec4<f32>();
  for (var i = 0u; i < BLOCK_COLUMNS; i++) {
    let block = first + i;
    if (block >= end) { break; }
    let quad = b_word(B_COLUMNS + block) * WIDTH_QUADS;
    let line = (block * BLOCK_HEIGHT + column % BLOCK_HEIGHT) * WIDTH_QUADS;
    for (var q = 0u; q < WIDTH_QUADS; q++) {
      let v = load_a(row, quad + q, a_quad(row, quad + q));
      sum += vec4<f32>(
        dot(v, b_values(values, line + q)),
        dot(v, b_values(values, line + WIDTH_QUADS + q)),
        dot(v, b_values(values, line + 2u * WIDTH_QUADS + q)),
        dot(v, b_values(values, line + 3u * WIDTH_QUADS + q)),
      );
    }
  }
  // Row state is of the whole row of a, whatever blocks are stored.
  var seen = vec2<f32>();
  if (OBSERVE) {
    for (var q = 0u; q < K_QUADS; q++) { seen += observe_a(a_quad(row, q)); }
  }
  epilogue(row, column, sum * observe_a_finish(seen));
}
