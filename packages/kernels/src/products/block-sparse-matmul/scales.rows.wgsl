// Codes of a row of b, a column of y, have one scale, which sums are multiplied with.
fn column_scales(column: u32) -> vec4<f32> {
  return vec4<f32>(
    column_scale(column),
    column_scale(column + 1u),
    column_scale(column + 2u),
    column_scale(column + 3u),
  );
}

fn column_scale(column: u32) -> f32 { return b_half(2u * B_SCALES + min(column, N - 1u)); }
