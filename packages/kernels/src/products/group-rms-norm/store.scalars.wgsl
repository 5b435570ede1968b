// Stores one column: parts that are no whole quads have no epilogue.

fn store(part: u32, unit: u32, v: f32) { y_store(part * UNITS + unit, v); }
