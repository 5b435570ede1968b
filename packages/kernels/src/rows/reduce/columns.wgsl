// The same over a middle axis: x [outer, length, inner], y [outer, inner]. A workgroup takes ACROSS neighbouring units of inner
// and walks the axis with DOWN invocations each, so that loads are contiguous; then the first row of invocations adds up.

var<workgroup> gathered_by: array<Value, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = linear_workgroup(group, groups);
  let outer = block / BLOCKS;
  if (outer >= params.outer) { return; }
  let unit = block % BLOCKS * ACROSS + lane % ACROSS;
  let first = outer * LENGTH * INNER_UNITS + min(unit, INNER_UNITS - 1u);
  var gathered = Value();
  if (LARGEST) { gathered = element(first); }
  if (PRODUCT) { gathered = Value(1); }
  for (var step = 0u; step < STEPS; step++) {
    let i = step * DOWN + lane / ACROSS;
    if (i < LENGTH) { gathered = combined(gathered, element(first + i * INNER_UNITS)); }
  }
  gathered_by[lane] = gathered;
  workgroupBarrier();
  if (lane < ACROSS && unit < INNER_UNITS) {
    for (var i = 1u; i < DOWN; i++) { gathered = combined(gathered, gathered_by[lane + i * ACROSS]); }
    y_store(outer * INNER_UNITS + unit, finished(gathered));
  }
}

fn combined(a: Value, b: Value) -> Value {
  if (LARGEST) { return larger(a, b); }
  if (PRODUCT) { return a * b; }
  return a + b;
}
