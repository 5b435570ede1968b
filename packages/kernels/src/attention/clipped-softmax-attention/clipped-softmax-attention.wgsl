// y = clip((zeta - gamma) softmax(s) + gamma, 0, 1) v. Clipping needs the finished softmax, so the keys go by twice: first
// for the largest score and the sum of each row, which threads keep for their own keys and merge once; then for the weights.
// Bytes: keys twice and values once per workgroup, queries and outputs once.

var<workgroup> partial_sums: array<f32, TILE_ROWS * THREADS_X>;

fn seen_keys(position: i32, length: u32) -> vec2<u32> { return visible_keys(position, length); }

/** exp of a difference to the largest; below -104 it is 0 in f32 anyway. */
fn weight_at(difference: f32) -> f32 { return exp(max(difference, -104.0)); }

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
      sum[i] *= weight_at(peak[i] - largest);
      for (var j = 0u; j < COLUMNS; j++) {
        sum[i] += select(0.0, weight_at(s[i][j] - largest), s[i][j] > MASKED * 0.5);
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
      sum[i] += partial_sums[slot + x] * weight_at(exchange[slot + x] - peak[i]);
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
        let share = weight_at(s[i][j] - peak[i]) / max(sum[i], 1e-30);
        weights[(ty * ROWS + i) * WEIGHT_STRIDE + tx * COLUMNS + j] =
          select(0.0, clamp(fma(ZETA - GAMMA, share, GAMMA), 0.0, 1.0), s[i][j] > MASKED * 0.5);
      }
    }
    workgroupBarrier();
    add_values(block, lane, first_key, &sums);
  }
  store_outputs(block, queries, lane, sums);
}
