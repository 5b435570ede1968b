// An elementwise formula over [rows, columns], row-major, written by the filling of `compute`; one vector of four columns
// (or one column) per invocation and step. Bytes: each operand once, the result once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = linear_workgroup(id, count) * (WORKGROUP * STEPS) + lane;
  for (var step = 0u; step < STEPS; step++) {
    let item = first + step * WORKGROUP;
    if (item < params.rows * UNITS) { result_store(item, compute(item / UNITS, item % UNITS)); }
  }
}
