fn quad(row: u32, column: u32) -> vec4<f32> {
  if (column >= K) { return vec4<f32>(); }
  return x_load((row * K + column) / 4u);
}
