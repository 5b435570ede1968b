// A head's state in memory, as it is; a sum of 0 says that nothing came before.

fn load_carried(lane: u32, row: u32, state: ptr<function, State>) {
  let sum = carried_sum_load(row);
  (*state).sum = sum;
  (*state).peak = select(MASKED, carried_peak_load(row), is_some(sum));
  for (var e = 0u; e < CHANNELS; e++) {
    let value = carried_load(row * V_UNITS + min(lane + e * CHUNK, V_UNITS - 1u));
    (*state).values[e] = select(v_fragment(), value, is_some(sum));
  }
}

fn store_carried(lane: u32, row: u32, state: State) {
  // Every thread has read the state it began with before the first of them writes.
  workgroupBarrier();
  if (lane == 0u) {
    carried_peak_store(row, select(0.0, state.peak, is_some(state.sum)));
    carried_sum_store(row, state.sum);
  }
  var values = state.values;
  for (var e = 0u; e < CHANNELS; e++) {
    let unit = lane + e * CHUNK;
    if (unit < V_UNITS) { carried_store(row * V_UNITS + unit, values[e]); }
  }
}
