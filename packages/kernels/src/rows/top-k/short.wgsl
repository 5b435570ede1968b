// The K largest elements of short rows: every element counts how many are ahead of it, and those with fewer than K write
// themselves where they belong. Bytes: x once.

var<workgroup> keys: array<u32, COLUMNS>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  for (var step = 0u; step < STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < COLUMNS) { keys[i] = ordered(x_load(row * COLUMNS + i)); }
  }
  workgroupBarrier();
  for (var step = 0u; step < STEPS; step++) {
    let own = step * WORKGROUP + lane;
    if (own < COLUMNS) {
      let key = keys[own];
      var ahead = 0u;
      for (var i = 0u; i < COLUMNS; i++) {
        if (keys[i] > key || (keys[i] == key && i < own)) { ahead++; }
      }
      if (ahead < K) {
        values_store(row * K + ahead, unordered(key));
        ids_store(row * K + ahead, own);
      }
    }
  }
}
