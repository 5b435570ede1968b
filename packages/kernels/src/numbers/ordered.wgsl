// Whole numbers in the order of floats, by their bits alone: both zeros are one, and every NaN is ahead of infinity.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  let key = select(bits | 0x80000000u, 0x80000000u - magnitude, bits > 0x80000000u);
  return select(key, 0xffffffffu, magnitude > 0x7f800000u);
}

fn unordered(key: u32) -> f32 {
  return bitcast<f32>(select((0x80000000u - key) | 0x80000000u, key & 0x7fffffffu, key >= 0x80000000u));
}
