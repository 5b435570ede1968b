// The largest value of the workgroup, in every invocation: NaN where one is.
fn workgroup_max(lane: Lane, slot: u32, value: f32) -> f32 { return unordered(workgroup_most(lane, slot, ordered(value))); }

// The key of what an invocation found: floats are compared as such, and NaN is told apart by `has_nan`.
fn key_of_largest(value: f32, met_nan: bool) -> u32 { return select(ordered(value), 0xffffffffu, met_nan); }
