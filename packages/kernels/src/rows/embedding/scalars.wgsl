// Rows of y that begin anywhere.
fn write_quad(token: u32, quad: u32, value: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    let column = 4u * quad + i;
    if (column < K) { y_store(token * K + column, value[i]); }
  }
}
