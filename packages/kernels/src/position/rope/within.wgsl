// Dimension 2i turns with dimension 2i + 1: a vector holds two pairs.
fn turn(x_start: u32, y_start: u32, item: u32, angles: u32) {
  let cosine = cosine_at(angles);
  let sine = sine_at(angles);
  let v = x_load(x_start + item);
  y_store(y_start + item, v * cosine.xxyy + vec4<f32>(-v.y, v.x, -v.w, v.z) * sine.xxyy);
}
