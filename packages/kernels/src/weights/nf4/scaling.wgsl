// What makes numbers of a block's table entries: their scale, and nothing to add.
fn b_scaling(row: u32, block: u32) -> vec2<f32> {
  return vec2<f32>(b_half(2u * B_SCALES + row * B_GROUPS + block / B_GROUP_BLOCKS), 0.0);
}
