// Independent chains of multiply-adds, enough of them to hide the latency of one. Moves 20 bytes per invocation.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  // Read, so that no compiler can compute the result ahead of time.
  let factor = Chain(x_load(0u));
  let term = Chain(x_load(1u));
  let i = linear_workgroup(group, groups) * WORKGROUP + lane;
  var a = Chain(f32(lane));
  var b = a + Chain(1.0);
  // Four steps by hand: a loop's own cost must not show.
  for (var step = 0u; step < STEPS; step += 4u) {
    a = multiply_add(a, factor, term);
    b = multiply_add(b, factor, term);
    a = multiply_add(a, factor, term);
    b = multiply_add(b, factor, term);
    a = multiply_add(a, factor, term);
    b = multiply_add(b, factor, term);
    a = multiply_add(a, factor, term);
    b = multiply_add(b, factor, term);
  }
  if (i < INVOCATIONS) { y_store(i, dot(a + b, Chain(1.0))); }
}
