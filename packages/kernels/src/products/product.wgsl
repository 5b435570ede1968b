// The result of a plain product.
fn result(v: array<vec4<f32>, PARTS>, factor: f32) -> vec4<f32> { return v[0] * factor; }
