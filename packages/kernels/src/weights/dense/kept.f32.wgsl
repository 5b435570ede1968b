fn b_value(row: u32, kept: u32) -> f32 { return bitcast<f32>(b_word(row * B_KEPT + kept)); }
