// The code for zero is the same everywhere.
fn b_zero(row: u32, group: u32) -> f32 { return f32(B_ZERO); }
