// gemv whose workgroup owns one quad of columns: sums are added within subgroups of any size, then between them.

var<workgroup> shared_sum: array<array<vec4<f32>, PARTS>, MAX_SUBGROUPS * TILE_M>;
var<workgroup> shared_seen: array<vec2<f32>, MAX_SUBGROUPS * TILE_M>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
) {
  let group = linear_workgroup(id, count);
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let first_row = (tile / TILES_N) * TILE_M;
  let column = (tile % TILES_N) * 4u;
  let rows = row_count();
  if (first_row >= rows) { return; }

  var sum: array<array<vec4<f32>, PARTS>, TILE_M>;
  var seen: array<vec2<f32>, TILE_M>;
  for (var p = 0u; p < PARTS; p++) { gemv_sums(first_row, p, column, split, invocation, &sum, &seen); }
  for (var r = 0u; r < TILE_M; r++) {
    for (var p = 0u; p < PARTS; p++) {
      let all = subgroupAdd(sum[r][p]);
      if (subgroup_lane == 0u) { shared_sum[subgroup * TILE_M + r][p] = all; }
    }
    if (OBSERVE) {
      let all_seen = subgroupAdd(seen[r]);
      if (subgroup_lane == 0u) { shared_seen[subgroup * TILE_M + r] = all_seen; }
    }
  }
  workgroupBarrier();
  if (invocation < TILE_M && first_row + invocation < rows) {
    var total: array<vec4<f32>, PARTS>;
    var total_seen = vec2<f32>();
    for (var i = 0u; i < MAX_SUBGROUPS; i++) {
      if (i >= subgroups) { break; }
      for (var p = 0u; p < PARTS; p++) { total[p] += shared_sum[i * TILE_M + invocation][p]; }
      if (OBSERVE) { total_seen += shared_seen[i * TILE_M + invocation]; }
    }
    finish(split, first_row + invocation, column, total, total_seen);
  }
}
