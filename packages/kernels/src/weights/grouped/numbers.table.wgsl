// Codes stand for the numbers of a table.
fn b_numbers(bytes: u32) -> vec4<f32> {
  return vec4<f32>(
    b_number(bytes & 255u),
    b_number((bytes >> 8u) & 255u),
    b_number((bytes >> 16u) & 255u),
    b_number(bytes >> 24u),
  );
}
