// Stores four neighbouring columns of y.

fn y_store_quad(row: u32, column: u32, v: vec4<f32>) { y_store(row * GROUPS * UNITS + column / 4u, v); }
