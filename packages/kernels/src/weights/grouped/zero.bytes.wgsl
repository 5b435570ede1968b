// Zero points in bytes.
fn b_zero(row: u32, group: u32) -> f32 { return f32(b_byte(4u * B_ZEROS + row * B_GROUPS + group)); }
