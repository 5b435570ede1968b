// A weight of any layout as the tiles read it.

fn b_block(row: u32, block: u32) -> LoadB { return load_b(row, block); }

fn b_quad(block: LoadB, q: u32) -> vec4<f32> { return load_b_quad(block, q); }

fn b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32 { return load_b_dot(block, q, v); }

// Four columns of the product: for each of the four numbers of quad q, the four rows' values.
fn b_columns(b0: LoadB, b1: LoadB, b2: LoadB, b3: LoadB, q: u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(load_b_quad(b0, q), load_b_quad(b1, q), load_b_quad(b2, q), load_b_quad(b3, q)));
}
