// A unit turns with another one: vectors of a half-split head with those `half` further on, or single neighbours.
fn turn(x_start: u32, y_start: u32, item: u32, angles: u32) {
  let first = item * FIRST_STEP;
  let second = first + PARTNER;
  let cosine = cosine_at(angles);
  let sine = sine_at(angles);
  let a = x_load(x_start + first);
  let b = x_load(x_start + second);
  y_store(y_start + first, a * cosine - b * sine);
  y_store(y_start + second, b * cosine + a * sine);
}
