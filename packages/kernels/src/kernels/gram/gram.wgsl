// gram += xT x: x [rows, k] row-major, gram [k, k] f32 in place. A workgroup owns a square of 64 x 64 sums, an invocation 8 x 8
// of them in registers: per row of x it loads 16 numbers for 64 multiply-adds, and neighbours share them through the cache.
// Squares below the diagonal are mirrored from above it. Bytes: x once per 64 columns (from cache), gram read and written.

const SIDE = 64u;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let square = linear_workgroup(id, count);
  let above = square / SQUARES;
  let across = square % SQUARES;
  if (above >= SQUARES || above > across) { return; }
  let i = above * SIDE + lane / 8u * 8u;
  let j = across * SIDE + lane % 8u * 8u;
  if (i >= K || j >= K) { return; }
  var sums: array<vec4<f32>, 16>;
  for (var row = 0u; row < MOST_ROWS; row++) {
    if (row >= params.rows) { break; }
    let left0 = quad(row, i);
    let left1 = quad(row, i + 4u);
    let right0 = quad(row, j);
    let right1 = quad(row, j + 4u);
    for (var a = 0u; a < 4u; a++) {
      sums[a] += left0[a] * right0;
      sums[a + 4u] += left1[a] * right0;
      sums[a + 8u] += left0[a] * right1;
      sums[a + 12u] += left1[a] * right1;
    }
  }
  for (var a = 0u; a < 8u; a++) {
    for (var b = 0u; b < 8u; b++) {
      let value = sums[a + 8u * (b / 4u)][b % 4u];
      add(i + a, j + b, value);
      if (above != across) { add(j + b, i + a, value); }
    }
  }
}

fn add(row: u32, column: u32, value: f32) {
  if (row < K && column < K) { gram[row * K + column] += value; }
}
