// Zero points in f32.
fn b_zero(row: u32, group: u32) -> f32 { return bitcast<f32>(b_word(B_ZEROS + row * B_GROUPS + group)); }
