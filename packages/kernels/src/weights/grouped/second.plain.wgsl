// A scale, and the number beside it as it is stored.
fn b_scale(row: u32, group: u32) -> vec2<f32> { return vec2<f32>(b_factor(row, group), b_zero(row, group)); }
