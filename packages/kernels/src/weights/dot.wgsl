// A quad's product with four numbers, for layouts that know no shorter way.
fn load_b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32 { return dot(load_b_quad(block, q), v); }
