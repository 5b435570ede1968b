fn b_value(row: u32, kept: u32) -> f32 { return f32(b_byte(row * B_KEPT + kept)); }
