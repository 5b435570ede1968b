// Four neighbours along k of a row of a, wherever they lie; zero beyond k.

fn a_quad(place: u32, quad: u32) -> vec4<f32> {
  let k = 4u * quad;
  return vec4<f32>(a_element(place, k), a_element(place, k + 1u), a_element(place, k + 2u), a_element(place, k + 3u));
}

fn a_element(place: u32, k: u32) -> f32 {
  if (K % (4u * BLOCK_QUADS) != 0u && k >= K) { return 0.0; }
  return a_load(place + a_along_k(k));
}
