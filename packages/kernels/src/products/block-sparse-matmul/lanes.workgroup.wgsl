// Lanes work alone, and add up what they hold in workgroup memory.

var<workgroup> shared_sum: array<vec4<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  sparse_tile(linear_workgroup(id, count), lane);
}

fn from_lane(v: vec4<f32>, lane: u32, source: u32) -> vec4<f32> { return v; }

fn number_from_lane(v: f32, lane: u32, source: u32) -> f32 { return v; }

// The sum over the lanes that hold shares of the same quad, in all of them.
fn add_lanes(v: vec4<f32>, lane: u32) -> vec4<f32> {
  shared_sum[lane] = v;
  for (var level = 1u; level <= LEVELS; level++) {
    workgroupBarrier();
    let stride = WORKGROUP >> level;
    if (lane < stride) { shared_sum[lane] += shared_sum[lane + stride]; }
  }
  workgroupBarrier();
  let sum = shared_sum[lane % LANES_N];
  workgroupBarrier();
  return sum;
}
