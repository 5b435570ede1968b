// A line that does not fit into a workgroup is a matrix of COLUMNS by ROWS, row-major: columns of COLUMNS elements are transformed, multiplied by
// roots of the whole, and then rows of ROWS. `passing` holds [outer, COLUMNS, ROWS, inner] in between.

fn outer_part(unit: u32, count: u32) -> u32 { return unit / (inner_lines() * count); }

fn middle_part(unit: u32, count: u32) -> u32 { return unit / inner_lines() % count; }

fn line_at(unit: u32, count: u32) -> u32 { return outer_part(unit, count) * inner_lines() + unit % inner_lines(); }

fn passing_place(outer: u32, column: u32, row: u32, unit: u32) -> u32 {
  return ((outer * COLUMNS + column) * ROWS + row) * inner_lines() + unit % inner_lines();
}

// The root of the whole with this number, less than its size: of what the rows have roots of, and the rest.
fn whole_root(at: u32, sign: f32) -> vec2<f32> {
  return product(root(at / ROWS, sign), root(COLUMNS + ROWS + at % ROWS, sign));
}

// Columns: a unit is one of ROWS of a line.
fn load_column(unit: u32, n: u32) -> vec2<f32> {
  return enter(line_at(unit, ROWS), n * ROWS + middle_part(unit, ROWS));
}

fn store_column(unit: u32, k: u32, z: vec2<f32>) {
  let row = middle_part(unit, ROWS);
  passing_store(passing_place(outer_part(unit, ROWS), k, row, unit), product(z, whole_root(k * row, FORWARD)));
}

// Rows: a unit is one of COLUMNS of a line.
fn load_row(unit: u32, n: u32) -> vec2<f32> {
  return passing_load(passing_place(outer_part(unit, COLUMNS), middle_part(unit, COLUMNS), n, unit));
}

fn row_frequency(unit: u32, k: u32) -> u32 { return middle_part(unit, COLUMNS) + COLUMNS * k; }

fn store_row(unit: u32, n: u32, z: vec2<f32>) {
  let column = middle_part(unit, COLUMNS);
  let turned = product(z, whole_root(column * n, -FORWARD));
  passing_store(passing_place(outer_part(unit, COLUMNS), column, n, unit), turned);
}

// Columns, back.
fn load_column_back(unit: u32, k: u32) -> vec2<f32> {
  return passing_load(passing_place(outer_part(unit, ROWS), k, middle_part(unit, ROWS), unit));
}
