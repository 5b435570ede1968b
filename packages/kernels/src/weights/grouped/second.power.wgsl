// Scales that are powers of two, 2^(code - 127), as twice that and a half where it is small: 2^-127 is subnormal, which devices may
// flush, and its products with 2 and more are not.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let code = b_byte(4u * B_SCALES + row * B_GROUPS + group);
  let power = bitcast<f32>(select(code << 23u, (code + 1u) << 23u, code < 128u));
  let factor = bitcast<f32>(select(bitcast<u32>(power), 0x7fc00000u, code == 255u));
  return vec2<f32>(factor * B_UNIT, select(1.0, 0.5, code < 128u));
}
