// y = x: every invocation copies PER_INVOCATION vec4s, WORKGROUP apart. Moves 32 bytes per vec4.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = linear_workgroup(group, groups) * WORKGROUP * PER_INVOCATION + lane;
  for (var step = 0u; step < PER_INVOCATION; step++) {
    let i = first + step * WORKGROUP;
    if (i < UNITS) { y_store(i, x_load(i)); }
  }
}
