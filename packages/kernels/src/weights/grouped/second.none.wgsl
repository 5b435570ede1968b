// A group's numbers have a scale, and nothing is added.
fn b_scale(row: u32, group: u32) -> vec2<f32> { return vec2<f32>(b_factor(row, group), 0.0); }
