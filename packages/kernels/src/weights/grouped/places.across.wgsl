// Groups are elements that lie B_ACROSS apart, row after row.
fn b_scale_at(row: u32, column: u32) -> vec2<f32> { return b_scale(0u, (row * K + column) % B_ACROSS); }
