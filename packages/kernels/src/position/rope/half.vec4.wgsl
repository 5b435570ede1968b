fn cosines_at(i: u32) -> vec4<f32> { return vec4<f32>(cos_sin_load(2u * i).xz, cos_sin_load(2u * i + 1u).xz); }
fn sines_at(i: u32) -> vec4<f32> { return vec4<f32>(cos_sin_load(2u * i).yw, cos_sin_load(2u * i + 1u).yw); }
