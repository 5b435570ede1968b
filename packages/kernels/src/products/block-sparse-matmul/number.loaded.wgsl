// One number of a row of a, as load_a makes it of its quad.
fn a_number(row: u32, column: u32) -> f32 {
  let quad = column / 4u;
  return load_a(row, quad, a_quad(a_row(row), quad))[column & 3u];
}
