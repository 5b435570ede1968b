// Blocks of one row and several columns: each column of the quad has blocks of its own, which the lanes divide.

fn block_sums(
  first_column: u32,
  column: u32,
  split: u32,
  lane: u32,
  row: ptr<function, array<u32, FETCHES>>,
  sum: ptr<function, array<vec4<f32>, TILE_M>>,
) {
  let values = values_start();
  for (var c = 0u; c < 4u; c++) {
    if (first_column + c >= N) { break; }
    let span = block_span(first_column + c, split);
    var products: array<f32, TILE_M>;
    for (var r = 0u; r < TILE_M; r++) { products[r] = 0.0; }
    for (var step = 0u; step < BLOCK_STEPS; step++) {
      let block = span.x + step * LANES_B + lane;
      if (block >= span.y) { break; }
      let first_quad = block_column(block) * WIDTH_QUADS;
      for (var q = 0u; q < WIDTH_QUADS; q++) {
        let w = b_quad(values, block * WIDTH_QUADS + q);
        let quad = first_quad + q;
        for (var r = 0u; r < TILE_M; r++) {
          products[r] += dot(w, load_a((*row)[r], quad, a_quad(a_row((*row)[r]), quad)));
        }
      }
    }
    let here = vec4<u32>(c) == vec4<u32>(0u, 1u, 2u, 3u);
    for (var r = 0u; r < TILE_M; r++) { (*sum)[r] = select((*sum)[r], vec4<f32>(products[r]), here); }
  }
}
