// Blocks of several rows and several columns: a lane takes four rows of a block, quad by quad of columns.

fn block_sums(
  first_column: u32,
  column: u32,
  split: u32,
  lane: u32,
  row: ptr<function, array<u32, FETCHES>>,
  sum: ptr<function, array<vec4<f32>, TILE_M>>,
) {
  let values = values_start();
  let span = block_span(first_column / BLOCK_HEIGHT, split);
  // Beyond its last block a lane adds zeros: all lanes of a subgroup take part in every exchange.
  for (var step = 0u; step < BLOCK_STEPS; step++) {
    let start = span.x + step * LANES_B;
    if (start >= span.y) { break; }
    let isStored = start + lane / LANES_N < span.y;
    let block = min(start + lane / LANES_N, span.y - 1u);
    let first_quad = block_column(block) * WIDTH_QUADS;
    let line = (block * BLOCK_HEIGHT + column % BLOCK_HEIGHT) * WIDTH_QUADS;
    for (var q = 0u; q < WIDTH_QUADS; q++) {
      let w = transpose(mat4x4<f32>(
        stored_quad(values, line + q, isStored),
        stored_quad(values, line + WIDTH_QUADS + q, isStored),
        stored_quad(values, line + 2u * WIDTH_QUADS + q, isStored),
        stored_quad(values, line + 3u * WIDTH_QUADS + q, isStored),
      ));
      var held: array<vec4<f32>, FETCHES>;
      for (var f = 0u; f < FETCHES; f++) {
        let quad = first_quad + q;
        held[f] = select(vec4<f32>(), load_a((*row)[f], quad, a_quad(a_row((*row)[f]), quad)), isStored);
      }
      for (var r = 0u; r < TILE_M; r++) {
        let v = from_lane(held[r / SHARE], lane, r % SHARE);
        let x = fma(vec4<f32>(v.x), w[0], (*sum)[r]);
        let xy = fma(vec4<f32>(v.y), w[1], x);
        let xyz = fma(vec4<f32>(v.z), w[2], xy);
        (*sum)[r] = fma(vec4<f32>(v.w), w[3], xyz);
      }
    }
  }
}

fn stored_quad(values: u32, q: u32, isStored: bool) -> vec4<f32> {
  return select(vec4<f32>(), b_quad(values, q), isStored);
}
