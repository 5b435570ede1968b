// y = clip((zeta - gamma) softmax(s) + gamma, 0, 1) v. Clipping needs the finished softmax, so the keys go by twice: first
// for the largest score and the sum of each row, which threads keep for their own keys and merge once; then for the weights.
// Bytes: keys twice and values once per workgroup, queries and outputs once.

var<workgroup> partial_sums: array<f32, TILE_ROWS * THREADS_X>;

fn seen_keys(position: i32, length: u32) -> vec2<u32> { return visible_keys(position, length); }

@compute @workgroup_size(THREADS_X * THREADS_Y)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let queries = queries_of(block, lane);
  let tx = lane % THREADS_X;
  let ty = lane / THREADS_X;

  var peak: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  for (var i = 0u; i < ROWS; i++) { peak[i] = MASKED; }
  for (var step = 0u; step < MANY; step++) {
    let first_key = (block.first_tile + step) * TILE_KEYS;
    if (first_key >= block.end_key) { break; }
    let verdict = mask_tile(tile_of(block, first_key));
    if (verdict == 0u) { continue; }
    let s = tile_scores(block, queries, lane, first_key, verdict);
    for (var i = 0u; i < ROWS; i++) {
      var largest = peak[i];
      for (var j = 0u; j < COLUMNS; j++) { largest = max(largest, s[i][j]); }
      sum[i] *= bounded_power(peak[i] - largest);
      for (var j = 0u; j < COLUMNS; j++) {
        sum[i] += select(0.0, bounded_power(s[i][j] - largest), is_seen(s[i][j]));
      }
      peak[i] = largest;
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    exchange[(ty * ROWS + i) * THREADS_X + tx] = peak[i];
    partial_sums[(ty * ROWS + i) * THREADS_X + tx] = sum[i];
  }
  workgroupBarrier();
  let threads = row_threads();
  for (var i = 0u; i < ROWS; i++) {
    let slot = (ty * ROWS + i) * THREADS_X;
    peak[i] = MASKED;
    sum[i] = 0.0;
    for (var x = 0u; x < MANY; x++) {
      if (x >= threads) { break; }
      peak[i] = max(peak[i], exchange[slot + x]);
    }
    for (var x = 0u; x < MANY; x++) {
      if (x >= threads) { break; }
      sum[i] += partial_sums[slot + x] * bounded_power(exchange[slot + x] - peak[i]);
    }
  }

  var sums: Outputs;
  for (var step = 0u; step < MANY; step++) {
    let first_key = (block.first_tile + step) * TILE_KEYS;
    if (first_key >= block.end_key) { break; }
    let verdict = mask_tile(tile_of(block, first_key));
    if (verdict == 0u) { continue; }
    let s = tile_scores(block, queries, lane, first_key, verdict);
    workgroupBarrier();
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) {
        let share = bounded_power(s[i][j] - peak[i]) / keep_nan(sum[i], max(sum[i], 1e-30));
        weights[(ty * ROWS + i) * WEIGHT_STRIDE + tx * COLUMNS + j] =
          select(0.0, keep_nan(share, clamp(fma(ZETA - GAMMA, share, GAMMA), 0.0, 1.0)), is_seen(s[i][j]));
      }
    }
    workgroupBarrier();
    add_values(block, lane, first_key, &sums);
  }
  store_outputs(block, queries, lane, sums);
}
