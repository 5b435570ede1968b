// A head's state in memory: the log-sum-exp of all keys so far, and their attention.

fn load_carried(lane: u32, row: u32, state: ptr<function, State>) {
  let lse = carried_lse_load(row);
  let full = lse > MASKED * 0.5;
  (*state).peak = select(MASKED, lse, full);
  (*state).sum = select(0.0, 1.0, full);
  for (var e = 0u; e < CHANNELS; e++) {
    let value = carried_load(row * V_UNITS + min(lane + e * CHUNK, V_UNITS - 1u));
    (*state).values[e] = select(v_fragment(), value, full);
  }
}

fn store_carried(lane: u32, row: u32, state: State) {
  // Every thread has read the state it began with before the first of them writes.
  workgroupBarrier();
  let full = state.sum > 0.0;
  if (lane == 0u) { carried_lse_store(row, select(MASKED, state.peak + log(state.sum), full)); }
  var values = state.values;
  for (var e = 0u; e < CHANNELS; e++) {
    let unit = lane + e * CHUNK;
    if (unit < V_UNITS) { carried_store(row * V_UNITS + unit, values[e] * select(0.0, 1.0 / state.sum, full)); }
  }
}
