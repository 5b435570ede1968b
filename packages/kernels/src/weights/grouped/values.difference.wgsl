// Zero points are taken off first: products of codes and scales would be rounded in f32, and what is left would not cancel.
fn b_scaled(numbers: vec4<f32>, factor: vec4<f32>, second: vec4<f32>) -> vec4<f32> { return (numbers - second) * factor; }
