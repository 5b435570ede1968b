// Rows saw only their split's keys: publish peak, sum and output relative to the peak (neutral where there were no keys),
// and a second dispatch, one thread per output fragment, merges the splits in order.

fn partial_row(token: Token, split: u32) -> u32 {
  return row_of(token.batch, token.head, token.index) * SPLITS + split;
}

fn begin_row(token: Token, split: u32, peak: f32, sum: f32, first: bool) -> f32 {
  if (first) { partial_state_store(partial_row(token, split), vec2<f32>(peak, sum)); }
  return 1.0;
}

fn finish_row(token: Token, split: u32, unit: u32, value: v_fragment, factor: f32) {
  partial_output_store(partial_row(token, split) * V_UNITS + unit, value);
}

@compute @workgroup_size(MERGE_THREADS)
fn merge(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * MERGE_THREADS + lane;
  let row = index / V_UNITS;
  let unit = index % V_UNITS;
  if (row >= row_count()) { return; }
  let token = token_of(row);
  if (token.batch >= params.batch) { return; }
  var peak = MASKED;
  for (var split = 0u; split < SPLITS; split++) {
    peak = weight_update(peak, partial_state_load(row * SPLITS + split).x);
  }
  var sum = 0.0;
  var value = v_fragment();
  for (var split = 0u; split < SPLITS; split++) {
    let state = partial_state_load(row * SPLITS + split);
    let rescale = weight_rescale(state.x, peak);
    sum += state.y * rescale;
    value += partial_output_load((row * SPLITS + split) * V_UNITS + unit) * rescale;
  }
  let finish = weight_finish(peak, sum, token.head);
  if (unit == 0u) { store_log_sum_exp(row, finish.y); }
  epilogue(Token(token.batch, token.head, token.index, y_at(token.batch, token.head, token.index)), unit, value * finish.x);
}
