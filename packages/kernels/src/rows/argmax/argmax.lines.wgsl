// The same along an axis that is not the last, x [rows, columns, inner], or with the highest index among equals, or the last NaN.
// One invocation per result walks its column; neighbours read neighbours where inner is wide. Bytes: x once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(group, groups) * WORKGROUP + lane;
  if (at >= params.rows * INNER) { return; }
  let first = at / INNER * COLUMNS * INNER + at % INNER;
  var most = 0u;
  var index = 0u;
  for (var column = 0u; column < COLUMNS; column++) {
    let key = ordered(x_load(first + column * INNER));
    if (key > most || (LAST && key == most)) {
      most = key;
      index = column;
    }
  }
  ids_store(at, index);
}
