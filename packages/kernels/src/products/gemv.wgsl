// y = epilogue(a · bᵀ) for a few rows: a workgroup owns GROUPS quads of columns of TILE_M rows, LANES invocations each,
// which go along K block by block, so that neighbouring lanes read neighbouring bytes of b.
// a [rows, k], b [PARTS · n, k] in any layout, y [rows, n]. Bytes: b once, which is what the time is made of.

var<workgroup> shared_sum: array<vec4<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let group = linear_workgroup(id, count);
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let first_row = (tile / TILES_N) * TILE_M;
  let column = ((tile % TILES_N) * GROUPS + invocation / LANES) * 4u;
  let lane = invocation % LANES;
  let rows = row_count();
  if (first_row >= rows) { return; }

  var sum: array<array<vec4<f32>, PARTS>, TILE_M>;
  var seen: array<vec2<f32>, TILE_M>;
  for (var p = 0u; p < PARTS; p++) { gemv_sums(first_row, p, column, split, lane, &sum, &seen); }
  for (var r = 0u; r < TILE_M; r++) {
    for (var p = 0u; p < PARTS; p++) { sum[r][p] = add_lanes(invocation, lane, sum[r][p]); }
    if (OBSERVE) { seen[r] = add_lanes(invocation, lane, vec4<f32>(seen[r], 0.0, 0.0)).xy; }
    if (lane == 0u && first_row + r < rows && column < N) { finish(split, first_row + r, column, sum[r], seen[r]); }
  }
}

// The sum over the LANES invocations of a group; only lane 0's result is of use.
fn add_lanes(invocation: u32, lane: u32, v: vec4<f32>) -> vec4<f32> {
  shared_sum[invocation] = v;
  for (var level = 1u; level <= LEVELS; level++) {
    workgroupBarrier();
    let stride = LANES >> level;
    if (lane < stride) { shared_sum[invocation] += shared_sum[invocation + stride]; }
  }
  let sum = shared_sum[invocation];
  workgroupBarrier();
  return sum;
}
