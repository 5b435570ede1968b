// Channel i turns with channel i + half.

fn turned(at: u32, unit: u32, position: u32, value: Value) -> Value {
  let first = unit < HALF_UNITS;
  let partner = x_load(select(at - HALF_UNITS, at + HALF_UNITS, first));
  let angles = position * HALF + select(unit - HALF_UNITS, unit, first) * WIDTH;
  return value * cosines(angles) + select(partner, -partner, first) * sines(angles);
}
