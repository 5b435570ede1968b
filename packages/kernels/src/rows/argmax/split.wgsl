// What each workgroup found: the key and the index.
fn write_part(part: u32, index: u32, key: u32) { parts_store(part, vec2<u32>(key, index)); }

@compute @workgroup_size(64)
fn merge(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(group, groups) * 64u + lane;
  if (row >= params.rows) { return; }
  var best = parts_load(row * SPLITS);
  for (var i = 1u; i < SPLITS; i++) {
    let each = parts_load(row * SPLITS + i);
    if (each.x > best.x) { best = each; }
  }
  ids_store(row, best.y);
}
