// The two passes over a row that every variant of rms-norm makes.

fn row_sum(row: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane;
    if (unit < UNITS) { sum += sum_of_squares(x_load(row * UNITS + unit)); }
  }
  return sum;
}

fn write_row(row: u32, lane: u32, sum: f32) {
  let scale = inverseSqrt(sum / f32(HIDDEN) + EPS);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane;
    if (unit < UNITS) {
      let at = row * UNITS + unit;
      y_store(at, x_load(at) * scale * gain(unit));
    }
  }
}
