// Scales of scales: a signed byte for each group, times a half for each B_OUTER groups; and the code for zero.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let at = row * B_GROUPS + group;
  let code = bitcast<i32>(b_byte(4u * B_SCALES + at) << 24u) >> 24u;
  return vec2<f32>(b_half(2u * B_OUTER_SCALES + at / B_OUTER) * f32(code), f32(B_ZERO));
}
