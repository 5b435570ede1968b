// Four neighbouring columns of a row of a, whose rows begin anywhere; zero beyond the row.

fn a_quad(row: u32, quad: u32) -> vec4<f32> {
  return vec4<f32>(
    a_element(row, 4u * quad),
    a_element(row, 4u * quad + 1u),
    a_element(row, 4u * quad + 2u),
    a_element(row, 4u * quad + 3u),
  );
}

fn a_element(row: u32, column: u32) -> f32 {
  if (column >= K) { return 0.0; }
  return a_load(row * K + column);
}
