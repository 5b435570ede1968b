fn b_value(row: u32, kept: u32) -> f32 { return b_half(row * B_KEPT + kept); }
