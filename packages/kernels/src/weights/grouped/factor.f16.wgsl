// Scales in halves.
fn b_factor(row: u32, group: u32) -> f32 { return b_half(2u * B_SCALES + row * B_GROUPS + group) * B_UNIT; }
