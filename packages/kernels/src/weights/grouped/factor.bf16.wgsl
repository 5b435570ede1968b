// Scales in the upper halves of f32.
fn b_factor(row: u32, group: u32) -> f32 {
  let at = row * B_GROUPS + group;
  return bitcast<f32>((b_word(B_SCALES + (at >> 1u)) >> (16u * (at & 1u))) << 16u) * B_UNIT;
}
