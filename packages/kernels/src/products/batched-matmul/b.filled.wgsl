// b as `load_b` gives it, which wants to know the column; zero beyond k whatever it says.

struct LoadB { place: u32, k: u32, column: u32 }

fn tile_weight_row(first_row: u32, part: u32, column: u32) -> u32 {
  return (first_row / params.m) * N + min(column, N - 1u);
}

fn b_block(column: u32, block: u32) -> LoadB {
  return LoadB(b_column(column / N, column % N), 4u * BLOCK_QUADS * block, column);
}

fn b_taken(b: LoadB, k: u32, v: vec4<f32>) -> vec4<f32> {
  let beyond = vec4<u32>(k) + vec4<u32>(0u, 1u, 2u, 3u) >= vec4<u32>(K);
  return select(load_b(b.column, k / 4u, v), vec4<f32>(), beyond);
}
