// Dimension i turns with dimension i + half. Items: the pairs' units, then the units that are copied.
fn turn(vector: u32, token: u32, item: u32) {
  let first = vector * HEAD_UNITS + item;
  if (item >= HALF_UNITS) {
    y_store(first + HALF_UNITS, x_load(first + HALF_UNITS));
    return;
  }
  let table = positions_load(token).x * HALF_UNITS + item;
  let cosines = cosines_at(table);
  let sines = sines_at(table);
  let a = x_load(first);
  let b = x_load(first + HALF_UNITS);
  y_store(first, a * cosines - b * sines);
  y_store(first + HALF_UNITS, b * cosines + a * sines);
}
