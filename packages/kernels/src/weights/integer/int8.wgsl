// 8-bit codes: a block of 32 is two vec4 of words, a word is a quad.

struct LoadB { low: vec4<u32>, high: vec4<u32>, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB {
  let at = 2u * (row * B_BLOCKS + block);
  return LoadB(b[at], b[at + 1u], b_scaling(row, block));
}

fn load_b_word(block: LoadB, q: u32) -> u32 { return select(block.high[q & 3u], block.low[q & 3u], q < 4u); }

// Codes less 128 of a quad, as int8.
fn load_b_codes(block: LoadB, q: u32) -> u32 { return load_b_word(block, q) ^ 0x80808080u; }

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let word = load_b_word(block, q);
  return fma(vec4<f32>((vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u)), vec4<f32>(block.scaling.x), vec4<f32>(block.scaling.y));
}
