// Scales of scales and of minimums: a byte of either for each group, times one of two halves for each B_OUTER groups.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let at = row * B_GROUPS + group;
  let outer = 2u * (B_OUTER_SCALES + at / B_OUTER);
  let factor = b_half(outer) * f32(b_byte(4u * B_SCALES + at));
  return vec2<f32>(factor, -(b_half(outer + 1u) * f32(b_byte(4u * B_ZEROS + at))));
}
