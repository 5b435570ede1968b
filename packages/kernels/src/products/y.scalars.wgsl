// Stores four neighbouring columns of y as far as there are any.

fn y_store_quad(row: u32, column: u32, v: vec4<f32>) {
  let at = row * N + column;
  y_store(at, v.x);
  if (column + 1u < N) { y_store(at + 1u, v.y); }
  if (column + 2u < N) { y_store(at + 2u, v.z); }
  if (column + 3u < N) { y_store(at + 3u, v.w); }
}
