// Stored codes, four bytes a word: one, and four neighbouring ones. `values`: the word they begin at.
fn b_value(values: u32, i: u32) -> f32 {
  return f32(bitcast<i32>(b_word(values + i / 4u) << (24u - 8u * (i & 3u))) >> 24u);
}

fn b_quad(values: u32, q: u32) -> vec4<f32> {
  let word = vec4<u32>(b_word(values + q)) << vec4<u32>(24u, 16u, 8u, 0u);
  return vec4<f32>(bitcast<vec4<i32>>(word) >> vec4<u32>(24u));
}
