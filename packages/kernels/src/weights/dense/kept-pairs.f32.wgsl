// The pair of a quad is two words.
alias BlockValues = u32;

fn b_values(at: u32) -> u32 { return 16u * at; }

fn b_pair(values: u32, q: u32) -> vec2<f32> {
  let at = values + 2u * q;
  return bitcast<vec2<f32>>(vec2<u32>(b_word(at), b_word(at + 1u)));
}
