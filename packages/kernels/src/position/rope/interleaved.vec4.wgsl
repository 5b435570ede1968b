// Dimension 2i turns with dimension 2i + 1: a vector holds two pairs.
fn turn(vector: u32, token: u32, item: u32) {
  let at = vector * HEAD_UNITS + item;
  let v = x_load(at);
  if (4u * item >= 2u * HALF) {
    y_store(at, v);
    return;
  }
  let t = cos_sin_load(positions_load(token).x * (HALF / 2u) + item);
  y_store(at, vec4<f32>(v.x * t.x - v.y * t.y, v.y * t.x + v.x * t.y, v.z * t.z - v.w * t.w, v.w * t.z + v.z * t.w));
}
