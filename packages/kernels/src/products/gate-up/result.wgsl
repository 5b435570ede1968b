// Gate and up put together, both of normed rows where there is a norm in front.
fn result(v: array<vec4<f32>, PARTS>, factor: f32) -> vec4<f32> { return activation(v[0] * factor, v[1] * factor); }
