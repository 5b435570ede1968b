// Stores four neighbouring columns of y, whose rows are whole quads.

fn y_store_quad(row: u32, column: u32, v: vec4<f32>) { y_store(row * N_QUADS + column / 4u, v); }
