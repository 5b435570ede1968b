fn largest(v: Value) -> f32 { return v; }

// The first element that equals `wanted`.
fn first_equal(v: Value, wanted: f32) -> u32 { return 0u; }
