// Codes are numbers as they are.
fn b_numbers(bytes: u32) -> vec4<f32> { return vec4<f32>((vec4<u32>(bytes) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u)); }
