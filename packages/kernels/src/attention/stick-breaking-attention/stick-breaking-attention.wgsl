// y = sum of p_j v_j, where p_j = sigmoid(s_j) * product over newer keys of (1 - sigmoid(s)): the newest key breaks its share
// off a stick, the next one off what is left. Tiles of keys go by from the newest; `rest` is the log of what is left, so
// nothing is ever rescaled, and a workgroup none of whose rows has anything left stops.
// Bytes: keys and values once per workgroup, as far as it gets, queries and outputs once.

var<workgroup> spent: array<u32, THREADS_Y>;

fn seen_keys(position: i32, length: u32) -> vec2<u32> {
  let span = visible_keys(position, length);
  return vec2<u32>(span.x, min(span.y, u32(max(select(position, position + 1i, ATTEND_SELF), 0i))));
}

/** log(1 + x) for 0 <= x <= 1, as 2 atanh(x / (2 + x)): WGSL's log is too coarse near 1 to be summed over many keys. */
fn log_of_one_plus(x: f32) -> f32 {
  let t = x / (2.0 + x);
  let u = t * t;
  let tail = fma(u, fma(u, fma(u, fma(u, fma(u, fma(u, 1.0 / 13.0, 1.0 / 11.0), 1.0 / 9.0), 1.0 / 7.0), 0.2), 1.0 / 3.0), 1.0);
  return 2.0 * t * tail;
}

/** The logs of sigmoid(s) and of 1 - sigmoid(s). */
fn log_shares(s: f32) -> vec2<f32> {
  let small = log_of_one_plus(exp(max(-abs(s), -104.0)));
  return vec2<f32>(keep_nan(s, min(s, 0.0) - small), keep_nan(s, min(-s, 0.0) - small));
}

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
  let threads = row_threads();
  let tiles = (max(block.end_key, block.first_tile * TILE_KEYS) + TILE_KEYS - 1u) / TILE_KEYS;

  var rest: array<f32, ROWS>;
  var sums: Outputs;
  for (var step = 0u; step < MANY; step++) {
    if (block.first_tile + step >= tiles) { break; }
    let first_key = (tiles - 1u - step) * TILE_KEYS;
    let verdict = mask_tile(tile_of(block, first_key));
    if (verdict == 0u) { continue; }
    var s = tile_scores(block, queries, lane, first_key, verdict);

    // What a thread's keys leave, in logs; then what those of the threads after it leave, and all.
    for (var i = 0u; i < ROWS; i++) {
      var left = 0.0;
      for (var j = 0u; j < COLUMNS; j++) {
        left += select(0.0, log_shares(s[i][j]).y, is_seen(s[i][j]));
      }
      exchange[(ty * ROWS + i) * THREADS_X + tx] = left;
    }
    workgroupBarrier();
    for (var i = 0u; i < ROWS; i++) {
      var newer = rest[i];
      var all = 0.0;
      for (var x = 0u; x < MANY; x++) {
        if (x >= threads) { break; }
        let left = exchange[(ty * ROWS + i) * THREADS_X + x];
        newer += select(0.0, left, x > tx);
        all += left;
      }
      rest[i] += all;
      for (var j = 0u; j < COLUMNS; j++) {
        let column = COLUMNS - 1u - j;
        let score = s[i][column];
        let shares = log_shares(score);
        let log_weight = shares.x + newer;
        let seen = is_seen(score);
        weights[(ty * ROWS + i) * WEIGHT_STRIDE + tx * COLUMNS + column] =
          select(0.0, keep_nan(log_weight, select(0.0, bounded_power(log_weight), log_weight > -104.0)), seen);
        newer += select(0.0, shares.y, seen);
      }
    }
    workgroupBarrier();
    add_values(block, lane, first_key, &sums);

    if (tx == 0u) {
      var most = rest[0];
      for (var i = 1u; i < ROWS; i++) { most = max(most, rest[i]); }
      spent[ty] = select(0u, 1u, most < -104.0);
    }
    let all_spent = workgroupUniformLoad(&spent);
    var rows_spent = 0u;
    for (var y = 0u; y < THREADS_Y; y++) { rows_spent += all_spent[y]; }
    if (rows_spent == THREADS_Y) { break; }
  }

  store_outputs(block, queries, lane, sums);
  if (tx != 0u) { return; }
  var tokens: Queries;
  var left: array<f32, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    tokens[i] = queries[i];
    left[i] = keep_nan(rest[i], select(0.0, bounded_power(rest[i]), rest[i] > -104.0));
  }
  for (var i = 0u; i < MANY; i++) {
    if (i >= ROWS || !is_row(block, lane, i)) { break; }
    let token = tokens[i];
    let row = row_of(token.batch, token.head, token.index);
    store_remainder(row, left[i]);
  }
}
