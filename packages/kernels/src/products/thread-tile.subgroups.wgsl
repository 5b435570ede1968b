// Each of SHARE neighbouring lanes reads another part of the tile's rows of a, and gives it to the others.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  thread_tile(linear_workgroup(id, count), lane, subgroup_lane % SHARE);
}

fn from_lane(v: vec4<f32>, lane: u32) -> vec4<f32> { return subgroupShuffle(v, lane); }
