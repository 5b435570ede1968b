// Blocks of several rows and one column: a lane takes four rows of a block, which all meet one number of a.

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
    let place = block_column(block);
    let w = select(vec4<f32>(), b_quad(values, (block * BLOCK_HEIGHT + column % BLOCK_HEIGHT) / 4u), isStored);
    var held: array<f32, FETCHES>;
    for (var f = 0u; f < FETCHES; f++) { held[f] = select(0.0, a_number((*row)[f], place), isStored); }
    for (var r = 0u; r < TILE_M; r++) {
      (*sum)[r] = fma(vec4<f32>(number_from_lane(held[r / SHARE], lane, r % SHARE)), w, (*sum)[r]);
    }
  }
}
