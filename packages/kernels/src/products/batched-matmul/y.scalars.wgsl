// Stores four neighbouring columns of y, as far as there are any, wherever they lie.

fn y_store_quad(row: u32, column: u32, v: vec4<f32>) {
  let place = y_row(row);
  y_store(place + y_along_n(column), v.x);
  if (column + 1u < N) { y_store(place + y_along_n(column + 1u), v.y); }
  if (column + 2u < N) { y_store(place + y_along_n(column + 2u), v.z); }
  if (column + 3u < N) { y_store(place + y_along_n(column + 3u), v.w); }
}
