// Channel 2i turns with channel 2i + 1, one channel at a time.

fn turned(at: u32, unit: u32, position: u32, value: f32) -> f32 {
  let even = unit % 2u == 0u;
  let partner = x_load(select(at - 1u, at + 1u, even));
  let angle = cos_sin_load(position * HALF + unit / 2u);
  return value * angle.x + select(partner, -partner, even) * angle.y;
}
