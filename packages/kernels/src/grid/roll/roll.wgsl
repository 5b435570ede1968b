// y = x moved along the axes of a grid, what leaves at one end coming back at the other; both [batch, tokens, channels],
// row-major. One invocation per unit of channels. Bytes: x and y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = at / UNITS;
  let batch = row / TOKENS;
  if (batch >= params.batch) { return; }
  let token = row % TOKENS;
  let place = vec3<u32>(token / SIZES.z / SIZES.y, token / SIZES.z % SIZES.y, token % SIZES.z);
  let before = (place + SIZES - SHIFT) % SIZES;
  let source = batch * TOKENS + (before.x * SIZES.y + before.y) * SIZES.z + before.z;
  y_store(at, x_load(source * UNITS + at % UNITS));
}
