// What makes numbers of a block's codes, scale and -zero · scale, where each group has a zero point. Both products are
// exact in f32: 11 bits of scale times 8 of code.

fn b_scaling(row: u32, block: u32) -> vec2<f32> {
  let group = row * B_GROUPS + block / B_GROUP_BLOCKS;
  let scale = b_half(2u * B_SCALES + group);
  return vec2<f32>(scale, -f32(b_byte(4u * B_ZERO_POINTS + group)) * scale);
}
