// Each column says which group of its row it is in.
fn b_scale_at(row: u32, column: u32) -> vec2<f32> {
  return b_scale(row, (b_word(B_INDEX + (column >> 1u)) >> (16u * (column & 1u))) & 0xffffu);
}
