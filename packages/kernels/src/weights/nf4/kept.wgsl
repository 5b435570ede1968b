fn b_value(row: u32, kept: u32) -> f32 {
  let i = row * B_KEPT + kept;
  return b_number((b_word(i >> 3u) >> (8u * (i & 3u) + (i & 4u))) & 15u);
}
