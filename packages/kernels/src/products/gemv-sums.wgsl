// What a lane adds up along K: four columns of one part of the product, of TILE_M rows.

fn gemv_sums(
  first_row: u32,
  part: u32,
  column: u32,
  split: u32,
  lane: u32,
  sum: ptr<function, array<array<vec4<f32>, PARTS>, TILE_M>>,
  seen: ptr<function, array<vec2<f32>, TILE_M>>,
) {
  for (var step = 0u; step < STEPS; step++) {
    let within = step * LANES + lane;
    let block = split * SPLIT_BLOCKS + within;
    if (within >= SPLIT_BLOCKS || block >= K_BLOCKS) { break; }
    let b0 = load_b(weight_row(part, column), block);
    let b1 = load_b(weight_row(part, column + 1u), block);
    let b2 = load_b(weight_row(part, column + 2u), block);
    let b3 = load_b(weight_row(part, column + 3u), block);
    for (var q = 0u; q < BLOCK_QUADS; q++) {
      let quad = block * BLOCK_QUADS + q;
      if (TILE_M == 1u) {
        let v = a_quad(first_row, quad);
        let x = load_a(first_row, quad, v);
        (*sum)[0][part] += vec4<f32>(load_b_dot(b0, q, x), load_b_dot(b1, q, x), load_b_dot(b2, q, x), load_b_dot(b3, q, x));
        if (OBSERVE && part == 0u) { (*seen)[0] += observe_a(v); }
        continue;
      }
      let weights = mat4x4<f32>(load_b_quad(b0, q), load_b_quad(b1, q), load_b_quad(b2, q), load_b_quad(b3, q));
      for (var r = 0u; r < TILE_M; r++) {
        let row = min(first_row + r, row_count() - 1u);
        let v = a_quad(row, quad);
        (*sum)[r][part] += load_a(row, quad, v) * weights;
        if (OBSERVE && part == 0u) { (*seen)[r] += observe_a(v); }
      }
    }
  }
}
