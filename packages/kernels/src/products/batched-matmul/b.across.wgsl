// b where memory has columns side by side: four of them are read at once, for each of four k.

fn b_columns(b0: LoadB, b1: LoadB, b2: LoadB, b3: LoadB, q: u32) -> mat4x4<f32> {
  let k = b0.k + 4u * q;
  let rows = mat4x4<f32>(b_across(b0, k), b_across(b0, k + 1u), b_across(b0, k + 2u), b_across(b0, k + 3u));
  if (!FILLED) { return rows; }
  let columns = transpose(rows);
  return transpose(mat4x4<f32>(
    b_taken(b0, k, columns[0]),
    b_taken(b1, k, columns[1]),
    b_taken(b2, k, columns[2]),
    b_taken(b3, k, columns[3]),
  ));
}

fn b_across(b: LoadB, k: u32) -> vec4<f32> {
  if (K % (4u * BLOCK_QUADS) != 0u && k >= K) { return vec4<f32>(); }
  return b_load((b.place + b_along_k(k)) / 4u);
}

// For tiles that take dot products, which DOT_ROWS = 0 keeps from doing so here.
fn b_dot(b: LoadB, q: u32, v: vec4<f32>) -> f32 { return 0.0; }
