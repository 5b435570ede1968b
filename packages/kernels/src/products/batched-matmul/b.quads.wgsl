// Four neighbours along k of a column of b, where memory has them side by side; zero beyond k.

fn b_quad(b: LoadB, q: u32) -> vec4<f32> {
  let k = b.k + 4u * q;
  if (K_QUADS % BLOCK_QUADS != 0u && k >= K) { return vec4<f32>(); }
  return b_taken(b, k, b_load((b.place + b_along_k(k)) / 4u));
}
