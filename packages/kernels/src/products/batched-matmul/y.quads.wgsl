// Stores four neighbouring columns of y that are neighbours in memory.

fn y_store_quad(row: u32, column: u32, v: vec4<f32>) { y_store((y_row(row) + y_along_n(column)) / 4u, v); }
