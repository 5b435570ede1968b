// A length that is a product of the radices: the transform itself.

fn enter(line: u32, n: u32) -> vec2<f32> { return front(line, n); }

fn amid(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return between(line, k, z); }

fn leave(line: u32, k: u32, z: vec2<f32>) { write_bin(line, k, z); }
