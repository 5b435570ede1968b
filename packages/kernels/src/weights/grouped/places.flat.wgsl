// Groups are runs of elements, row after row: they do not stop at the end of a row.
fn b_scale_at(row: u32, column: u32) -> vec2<f32> { return b_scale(0u, (row * K + column) / B_GROUP); }
