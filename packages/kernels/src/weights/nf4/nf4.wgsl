// Codes of four bits into a table: a block of 32 is one vec4 of words; of word w the low nibbles are quad 2w, the high ones
// quad 2w + 1.

struct LoadB { words: vec4<u32>, scale: f32 }

fn load_b(row: u32, block: u32) -> LoadB {
  return LoadB(b[row * B_BLOCKS + block], b_scaling(row, block).x);
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let codes = block.words[q >> 1u] >> (4u * (q & 1u));
  return block.scale * vec4<f32>(
    b_number(codes & 15u),
    b_number((codes >> 8u) & 15u),
    b_number((codes >> 16u) & 15u),
    b_number((codes >> 24u) & 15u),
  );
}
