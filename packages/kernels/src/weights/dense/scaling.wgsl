// Values that are numbers already.
fn b_scaling(row: u32, block: u32) -> vec2<f32> { return vec2<f32>(1.0, 0.0); }
