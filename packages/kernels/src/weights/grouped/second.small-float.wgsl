// Scales in e4m3, a byte each, times a number of the row.
fn b_scale(row: u32, group: u32) -> vec2<f32> {
  let magnitude = b_byte(4u * B_SCALES + row * B_GROUPS + group) & 127u;
  let normal = bitcast<f32>((magnitude << 20u) + 0x3c000000u);
  let finite = select(normal, f32(magnitude) * 0x1p-9f, magnitude < 8u);
  let outer = bitcast<f32>(b_word(B_OUTER_SCALES + row));
  let factor = select(finite * outer, finite / outer, B_DIVIDES);
  return vec2<f32>(bitcast<f32>(select(bitcast<u32>(factor), 0x7fc00000u, magnitude == 127u)), 0.0);
}
