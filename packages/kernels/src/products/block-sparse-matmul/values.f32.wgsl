// Quad q of the stored values.
fn b_values(values: u32, q: u32) -> vec4<f32> { return bitcast<vec4<f32>>(b[values + q]); }
