fn largest(v: Value) -> f32 { return v; }

fn has_nan(v: Value) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

// The first element that has this key.
fn first_with(v: Value, key: u32) -> u32 { return 0u; }
