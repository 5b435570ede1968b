// b as it is: what a tile knows of a column is where it begins.

struct LoadB { place: u32, k: u32 }

fn tile_weight_row(first_row: u32, part: u32, column: u32) -> u32 {
  return b_column(first_row / params.m, min(column, N - 1u));
}

fn b_block(column: u32, block: u32) -> LoadB { return LoadB(column, 4u * BLOCK_QUADS * block); }

fn b_taken(b: LoadB, k: u32, v: vec4<f32>) -> vec4<f32> { return v; }
