// Groups are runs of columns of a row.
fn b_scale_at(row: u32, column: u32) -> vec2<f32> { return b_scale(row, column / B_GROUP); }
