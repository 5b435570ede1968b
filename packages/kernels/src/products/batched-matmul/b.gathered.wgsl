// A square of b from four columns of it.

fn b_dot(b: LoadB, q: u32, v: vec4<f32>) -> f32 { return dot(b_quad(b, q), v); }

fn b_columns(b0: LoadB, b1: LoadB, b2: LoadB, b3: LoadB, q: u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(b_quad(b0, q), b_quad(b1, q), b_quad(b2, q), b_quad(b3, q)));
}
