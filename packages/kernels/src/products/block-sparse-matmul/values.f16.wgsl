// Quad q of the stored values, two halves a word.
fn b_values(values: u32, q: u32) -> vec4<f32> {
  let words = b[values + q / 2u];
  let pair = select(words.xy, words.zw, (q & 1u) == 1u);
  return vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));
}
