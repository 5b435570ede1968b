// Scales in f32.
fn b_factor(row: u32, group: u32) -> f32 { return bitcast<f32>(b_word(B_SCALES + row * B_GROUPS + group)) * B_UNIT; }
