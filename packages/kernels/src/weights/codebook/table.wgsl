// The numbers of the tensor's own table.
fn b_number(code: u32) -> f32 { return bitcast<f32>(b_word(B_NUMBERS + code)); }
