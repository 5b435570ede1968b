// Dimension 2i turns with dimension 2i + 1. Items: the pairs, then the dimensions that are copied.
fn turn(vector: u32, token: u32, item: u32) {
  let head = vector * HEAD_UNITS;
  if (item >= HALF) {
    y_store(head + HALF + item, x_load(head + HALF + item));
    return;
  }
  let t = cos_sin_load(positions_load(token).x * HALF + item);
  let a = x_load(head + 2u * item);
  let b = x_load(head + 2u * item + 1u);
  y_store(head + 2u * item, a * t.x - b * t.y);
  y_store(head + 2u * item + 1u, b * t.x + a * t.y);
}
