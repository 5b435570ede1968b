// y = softmax(scale * x) along the middle axis of [rows, LENGTH, inner], or its logarithm; row-major. One invocation per unit
// of neighbours along `inner`, which walk the axis side by side. Bytes: x read three times (from cache where the axis is
// short), y written once.

fn scaled(at: u32) -> Value { return x_load(at) * SCALE; }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = at / UNITS;
  if (row >= params.rows) { return; }
  let first = row * LENGTH * UNITS + at % UNITS;
  var most = Value(LOWEST);
  for (var i = 0u; i < LENGTH; i++) { most = max(most, scaled(first + i * UNITS)); }
  // Sums of 16 added up: the error grows with the square root of the length.
  var sum = Value(0.0);
  for (var block = 0u; block < (LENGTH + 15u) / 16u; block++) {
    var part = Value(0.0);
    for (var i = 0u; i < 16u; i++) {
      if (block * 16u + i >= LENGTH) { break; }
      part += powers(scaled(first + (block * 16u + i) * UNITS) - most);
    }
    sum += part;
  }
  for (var i = 0u; i < LENGTH; i++) {
    let shifted = scaled(first + i * UNITS) - most;
    if (LOG) { y_store(first + i * UNITS, shifted - logarithms(sum)); }
    else { y_store(first + i * UNITS, powers(shifted) / sum); }
  }
}
