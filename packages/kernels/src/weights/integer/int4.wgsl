// 4-bit codes: a block of 32 is one vec4 of words; of word w the low nibbles are quad 2w, the high ones quad 2w + 1.

struct LoadB { words: vec4<u32>, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB {
  return LoadB(b[row * B_BLOCKS + block], b_scaling(row, block));
}

// Codes of a quad, as int8.
fn load_b_codes(block: LoadB, q: u32) -> u32 { return (block.words[q >> 1u] >> (4u * (q & 1u))) & 0x0f0f0f0fu; }

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let shifts = vec4<u32>(0u, 8u, 16u, 24u) + 4u * (q & 1u);
  return fma(vec4<f32>((vec4<u32>(block.words[q >> 1u]) >> shifts) & vec4<u32>(15u)), vec4<f32>(block.scaling.x), vec4<f32>(block.scaling.y));
}
