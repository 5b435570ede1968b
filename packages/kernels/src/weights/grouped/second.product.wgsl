// A scale, and -zero · scale, where that is exact in f32: 11 bits of scale times 11 of zero point at most.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let factor = b_factor(row, group);
  return vec2<f32>(factor, -b_zero(row, group) * factor);
}
