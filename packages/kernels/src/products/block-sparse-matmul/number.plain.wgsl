// One number of a row of a, whose rows begin anywhere.
fn a_number(row: u32, column: u32) -> f32 { return a_element(a_row(row), column); }
