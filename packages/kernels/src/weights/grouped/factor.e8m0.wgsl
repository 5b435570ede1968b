// Scales that are powers of two: 2^(code - 127), a byte each. 0 is 2^-127, which has no exponent of its own in f32, and 255 NaN.
fn b_factor(row: u32, group: u32) -> f32 {
  let code = b_byte(4u * B_SCALES + row * B_GROUPS + group);
  let ends = select(0x7fc00000u, 0x00400000u, code == 0u);
  return bitcast<f32>(select(code << 23u, ends, code == 0u || code == 255u)) * B_UNIT;
}
