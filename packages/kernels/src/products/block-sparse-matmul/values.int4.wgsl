// Stored codes, eight a word, the lowest bits first: one, and four neighbouring ones. `values`: the word they begin at.
fn b_value(values: u32, i: u32) -> f32 {
  return f32(bitcast<i32>(b_word(values + i / 8u) << (28u - 4u * (i & 7u))) >> 28u);
}

fn b_quad(values: u32, q: u32) -> vec4<f32> {
  let half = b_word(values + q / 2u) << (16u - 16u * (q & 1u));
  let word = vec4<u32>(half) << vec4<u32>(12u, 8u, 4u, 0u);
  return vec4<f32>(bitcast<vec4<i32>>(word) >> vec4<u32>(28u));
}
