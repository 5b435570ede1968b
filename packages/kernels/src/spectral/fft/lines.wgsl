// Lines of x and y: `line` counts [outer, inner], or windows of rows of samples. What of them is read and written is `front` and `back`.

// Element `n` of a line, 0 beyond its LENGTH; of a half spectrum also the other half, which is conjugate, and the two that have no
// other are real.
fn sample(line: u32, n: u32) -> vec2<f32> {
  if (!HALF) { return sample_stored(line, n); }
  if (2u * n <= SIZE) {
    let z = sample_stored(line, n);
    return select(z, vec2<f32>(z.x, 0.0), n == 0u || 2u * n == SIZE);
  }
  let z = sample_stored(line, SIZE - n);
  return vec2<f32>(z.x, -z.y);
}

fn sample_stored(line: u32, n: u32) -> vec2<f32> {
  if (n >= LENGTH) { return vec2<f32>(0.0); }
  return x_at(x_place(line, n));
}

fn write_bin(line: u32, k: u32, z: vec2<f32>) {
  let bin = back_bin(k);
  if (bin < BINS) { y_put(y_place(line, bin), SCALE * back(line, k, z)); }
}
