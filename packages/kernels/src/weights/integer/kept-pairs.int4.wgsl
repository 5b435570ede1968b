// The 16 codes a block keeps, eight in a word: of word w, nibble j of the low ones and of the high ones by turns of four.
alias BlockValues = vec2<u32>;

fn b_values(at: u32) -> vec2<u32> { return vec2<u32>(b_word(2u * at), b_word(2u * at + 1u)); }

fn b_pair(values: vec2<u32>, q: u32) -> vec2<f32> {
  let word = values[q >> 2u] >> (16u * (q & 1u) + 2u * (q & 2u));
  return vec2<f32>(vec2<u32>(word, word >> 8u) & vec2<u32>(15u));
}
