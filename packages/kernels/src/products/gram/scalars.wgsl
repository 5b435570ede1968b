// Rows of x that begin anywhere.
fn quad(row: u32, column: u32) -> vec4<f32> {
  return vec4<f32>(one(row, column), one(row, column + 1u), one(row, column + 2u), one(row, column + 3u));
}

fn one(row: u32, column: u32) -> f32 {
  if (column >= K) { return 0.0; }
  return x_load(row * K + column);
}
