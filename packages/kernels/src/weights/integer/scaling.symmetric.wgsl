// What makes numbers of a block's codes, scale and -zero · scale, where the code for zero is the same everywhere. Both
// products are exact in f32: 11 bits of scale times 8 of code.

fn b_scaling(row: u32, block: u32) -> vec2<f32> {
  let scale = b_half(2u * B_SCALES + row * B_GROUPS + block / B_GROUP_BLOCKS);
  return vec2<f32>(scale, -f32(B_ZERO) * scale);
}
