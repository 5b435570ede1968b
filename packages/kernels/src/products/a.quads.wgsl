// Four neighbouring columns of a row of a, whose rows are whole quads; zero beyond the row.

fn a_quad(row: u32, quad: u32) -> vec4<f32> {
  if (K_QUADS % BLOCK_QUADS != 0u && quad >= K_QUADS) { return vec4<f32>(); }
  return a_load(row * K_QUADS + quad);
}
