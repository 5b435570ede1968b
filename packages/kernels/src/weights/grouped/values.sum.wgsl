// Numbers times scale, and what is added.
fn b_scaled(numbers: vec4<f32>, factor: vec4<f32>, second: vec4<f32>) -> vec4<f32> { return fma(numbers, factor, second); }
