// 3-bit codes: three words for a block of 32; two with the low two bits of 16 columns each, one with all high bits.

struct LoadB { low: vec2<u32>, high: u32, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB {
  let at = 3u * (row * B_BLOCKS + block);
  return LoadB(vec2<u32>(b_word(at), b_word(at + 1u)), b_word(at + 2u), b_scaling(row, block));
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let bytes = vec4<u32>(0u, 8u, 16u, 24u);
  let low = (vec4<u32>(block.low[q >> 2u]) >> (bytes + 2u * (q & 3u))) & vec4<u32>(3u);
  let high = (vec4<u32>(block.high) >> (bytes + q)) & vec4<u32>(1u);
  return fma(vec4<f32>(low | (high << vec4<u32>(2u))), vec4<f32>(block.scaling.x), vec4<f32>(block.scaling.y));
}
