// y = x / sqrt(mean(x^2) + eps) * weight, one workgroup per row; x and y [rows, hidden], weight [hidden], row-major.
// Bytes: each row is read twice (the second time from cache) and written once; the weight is read once per row.

var<workgroup> partial: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.rows) { return; }
  partial[lane] = row_sum(row, lane);
  workgroupBarrier();
  for (var level = 1u; level <= LEVELS; level++) {
    let stride = WORKGROUP >> level;
    if (lane < stride) { partial[lane] += partial[lane + stride]; }
    workgroupBarrier();
  }
  write_row(row, lane, partial[0]);
}
