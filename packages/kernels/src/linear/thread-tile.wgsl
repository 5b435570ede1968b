@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  thread_tile(linear_workgroup(id, count), lane, 0u);
}

fn from_lane(v: vec4<f32>, lane: u32) -> vec4<f32> { return v; }
