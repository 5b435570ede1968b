// Zero points, or what is added to products, in halves.
fn b_zero(row: u32, group: u32) -> f32 { return b_half(2u * B_ZEROS + row * B_GROUPS + group); }
