// One unit: a column, or four neighbouring ones.
fn write_item(item: u32) {
  if (item < params.rows * UNITS) { result_store(item, compute(item / UNITS, item % UNITS)); }
}
