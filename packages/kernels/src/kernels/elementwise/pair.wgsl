// Two f16 elements, which may lie in different rows: they share a word, so one invocation writes both.
fn write_item(item: u32) {
  let elements = params.rows * UNITS;
  let first = 2u * item;
  if (first >= elements) { return; }
  let second = min(first + 1u, elements - 1u);
  result_store(item, vec2<f32>(compute(first / UNITS, first % UNITS), compute(second / UNITS, second % UNITS)));
}
