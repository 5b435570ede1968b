// Any other length: n k = (n² + k² − (k − n)²) / 2 makes it a convolution with a chirp, of a length that is such a product (Bluestein 1970).
// The table has the chirp from CHIRP on and its spectrum, divided by that length, from SPECTRUM on.

fn enter(line: u32, n: u32) -> vec2<f32> {
  if (n >= SIZE) { return vec2<f32>(0.0); }
  return product(front(line, n), root(CHIRP + n, SIGN));
}

fn amid(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return product(z, root(SPECTRUM + k, -SIGN)); }

fn leave(line: u32, k: u32, z: vec2<f32>) {
  if (k < SIZE) { write_bin(line, k, product(z, root(CHIRP + k, SIGN))); }
}
