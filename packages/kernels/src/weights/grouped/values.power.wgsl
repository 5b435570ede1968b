// Numbers, halved where their scale is doubled.
fn b_scaled(numbers: vec4<f32>, factor: vec4<f32>, second: vec4<f32>) -> vec4<f32> { return (numbers * second) * factor; }
