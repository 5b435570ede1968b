// The scale of a block of 32 columns.
fn b_scaling(row: u32, block: u32) -> vec2<f32> { return b_scale(row, block / B_GROUP_BLOCKS); }
