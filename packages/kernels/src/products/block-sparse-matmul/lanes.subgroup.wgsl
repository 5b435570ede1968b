// A workgroup is at most one subgroup: lanes give each other what they read, and add up what they hold, without memory.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  sparse_tile(linear_workgroup(id, count), lane);
}

fn from_lane(v: vec4<f32>, lane: u32, source: u32) -> vec4<f32> {
  return subgroupShuffle(v, lane - lane % SHARE + source);
}

fn number_from_lane(v: f32, lane: u32, source: u32) -> f32 {
  return subgroupShuffle(v, lane - lane % SHARE + source);
}

// The sum over the lanes that hold shares of the same quad, in all of them.
fn add_lanes(v: vec4<f32>, lane: u32) -> vec4<f32> {
  var sum = v;
  for (var level = 0u; level < LEVELS; level++) { sum += subgroupShuffle(sum, lane ^ (LANES_N << level)); }
  return sum;
}
