// Values are numbers as they are.
fn column_scales(column: u32) -> vec4<f32> { return vec4<f32>(1.0); }
