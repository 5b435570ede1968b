// maxima[c] = max(maxima[c], |x[r, c]| over all rows r), x [rows, k], row-major, maxima [k] in place; an invocation per column.
// Bytes: each element of x is read once, maxima twice. Neighbouring invocations read neighbouring columns.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = linear_workgroup(group, groups) * WORKGROUP + lane;
  if (column >= UNITS) { return; }
  var largest = maxima_load(column);
  for (var row = 0u; row < MOST_ROWS; row++) {
    if (row >= params.rows) { break; }
    largest = larger(largest, abs(x_load(row * UNITS + column)));
  }
  maxima_store(column, largest);
}
