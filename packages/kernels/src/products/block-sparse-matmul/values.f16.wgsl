// Stored values, two halves a word: one, and four neighbouring ones. `values`: the word they begin at.
fn b_value(values: u32, i: u32) -> f32 { return b_half(2u * values + i); }

fn b_quad(values: u32, q: u32) -> vec4<f32> {
  let word = values + 2u * q;
  return vec4<f32>(unpack2x16float(b_word(word)), unpack2x16float(b_word(word + 1u)));
}
