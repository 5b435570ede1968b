fn cosines_at(i: u32) -> f32 { return cos_sin_load(i).x; }
fn sines_at(i: u32) -> f32 { return cos_sin_load(i).y; }
