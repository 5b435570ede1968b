// The same with both in one byte, the scale in its low nibble.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let at = row * B_GROUPS + group;
  let outer = 2u * (B_OUTER_SCALES + at / B_OUTER);
  let codes = b_byte(4u * B_SCALES + at);
  return vec2<f32>(b_half(outer) * f32(codes & 15u), -(b_half(outer + 1u) * f32(codes >> 4u)));
}
