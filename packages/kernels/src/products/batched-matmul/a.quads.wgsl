// Four neighbours along k of a row of a, where memory has them side by side; zero beyond k.

fn a_quad(place: u32, quad: u32) -> vec4<f32> {
  if (K_QUADS % BLOCK_QUADS != 0u && quad >= K_QUADS) { return vec4<f32>(); }
  return a_load((place + a_along_k(4u * quad)) / 4u);
}
