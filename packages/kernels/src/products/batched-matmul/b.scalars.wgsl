// Four neighbours along k of a column of b, wherever they lie; zero beyond k.

fn b_quad(b: LoadB, q: u32) -> vec4<f32> {
  let k = b.k + 4u * q;
  return b_taken(b, k, vec4<f32>(b_element(b, k), b_element(b, k + 1u), b_element(b, k + 2u), b_element(b, k + 3u)));
}

fn b_element(b: LoadB, k: u32) -> f32 {
  if (K % (4u * BLOCK_QUADS) != 0u && k >= K) { return 0.0; }
  return b_load(b.place + b_along_k(k));
}
