fn write_quad(token: u32, quad: u32, value: vec4<f32>) { y_store(token * K_QUADS + quad, value); }
