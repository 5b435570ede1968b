// Stored values, as f32: one, and four neighbouring ones. `values`: the word they begin at.
fn b_value(values: u32, i: u32) -> f32 { return bitcast<f32>(b_word(values + i)); }

fn b_quad(values: u32, q: u32) -> vec4<f32> { return bitcast<vec4<f32>>(b[values / 4u + q]); }
