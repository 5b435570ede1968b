// Token after token: an invocation has PER_LANE keys of one column of a state in registers, LANES of them the whole column; with a
// normaliser one more column of a workgroup has the sum of the keys. Right for any length, and for steps of one token.
// Bytes: k and q once for each tile of columns, v, y and states once.

const THREADS = WIDTH * LANES;
var<workgroup> partial: array<f32, THREADS>;
var<workgroup> weight: f32;

// The sum over the lanes of a column. All invocations of a workgroup, at once.
fn lanes_total(invocation: u32, sum: f32) -> f32 {
  if (LANES == 1u) { return sum; }
  partial[invocation] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var lane = 0u; lane < LANES; lane++) { total += partial[lane * WIDTH + invocation % WIDTH]; }
  workgroupBarrier();
  return total;
}

struct Column {
  sequence: Sequence,
  head: u32,
  column: u32,
  lane: u32,
  is_value: bool,
  is_sum: bool,
}

fn emit(line: Column, invocation: u32, token: u32, state: ptr<function, array<f32, PER_LANE>>) {
  for (var group = 0u; group < OUTPUTS / VALUE_HEADS; group++) {
    let output = line.head * (OUTPUTS / VALUE_HEADS) + group;
    var sum = 0.0;
    for (var step = 0u; step < PER_LANE; step++) {
      let i = step * LANES + line.lane;
      if (i < KEY_SIZE) { sum += query_at(line.sequence.batch, token, output, i) * (*state)[step]; }
    }
    let total = lanes_total(invocation, sum);
    if (NORMALIZES) {
      workgroupBarrier();
      if (line.is_sum && line.lane == 0u) { weight = total; }
      workgroupBarrier();
    }
    if (line.is_value && line.lane == 0u) {
      let place = Place(line.sequence.batch, line.head, token);
      let y = finish(place, output, line.column, SCALE * total, select(1.0, weight, NORMALIZES));
      y_store(((line.sequence.batch * params.tokens + token) * OUTPUTS + output) * VALUE_SIZE + line.column, y);
    }
  }
}

@compute @workgroup_size(THREADS)
fn walk(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let workgroup = linear_workgroup(id, count);
  let tile = workgroup % TILES;
  let number = workgroup / TILES / VALUE_HEADS;
  if (number >= sequence_count()) { return; }
  let sequence = sequence_of(number);
  let keys = key_count(sequence);
  var line = Column(sequence, workgroup / TILES % VALUE_HEADS, 0u, invocation / WIDTH, false, false);
  line.column = tile * COLUMNS + invocation % WIDTH;
  line.is_sum = invocation % WIDTH == COLUMNS;
  line.is_value = !line.is_sum && line.column < VALUE_SIZE;

  var state: array<f32, PER_LANE>;
  for (var step = 0u; step < PER_LANE; step++) {
    let i = step * LANES + line.lane;
    if (i >= KEY_SIZE) { break; }
    if (line.is_value) { state[step] = state_before(number, line.head, i, line.column); }
    if (line.is_sum) { state[step] = sum_before(number, line.head, i); }
  }

  for (var at = 0u; at < MANY; at++) {
    if (at >= max(keys, select(0u, sequence.count, CAUSAL))) { break; }
    if (at < keys) {
      let place = Place(sequence.batch, line.head, key_token(sequence, at));
      let gate = gate_of(place);
      var seen = 0.0;
      for (var step = 0u; step < PER_LANE; step++) {
        let i = step * LANES + line.lane;
        if (i >= KEY_SIZE) { break; }
        if (ERASES_FREELY) { seen += probe_at(place, i) * state[step]; }
        if (DECAYS) { state[step] = decayed(state[step], gate.x + key_decay(place, i)); }
        if (ERASES_KEYS) { seen += key_at(place, i) * state[step]; }
      }
      if (ERASES_FREELY || ERASES_KEYS) { seen = lanes_total(invocation, seen); }
      var value = 1.0;
      if (line.is_value) { value = key_value(place, line.column); }
      if (ERASES_KEYS) { value -= seen; }
      let factor = gate.y * value;
      for (var step = 0u; step < PER_LANE; step++) {
        let i = step * LANES + line.lane;
        if (i >= KEY_SIZE) { break; }
        if (ERASES_FREELY) { state[step] += eraser_at(place, i) * seen; }
        state[step] += factor * key_at(place, i);
      }
    }
    if (CAUSAL && at < sequence.count) { emit(line, invocation, token_of(sequence, at), &state); }
  }
  if (!CAUSAL) {
    for (var at = 0u; at < MANY; at++) {
      if (at >= sequence.count) { break; }
      emit(line, invocation, token_of(sequence, at), &state);
    }
  }

  for (var step = 0u; step < PER_LANE; step++) {
    let i = step * LANES + line.lane;
    if (i >= KEY_SIZE) { break; }
    if (line.is_value) { keep_state(number, line.head, i, line.column, state[step]); }
    if (line.is_sum && tile == 0u) { keep_sum(number, line.head, i, state[step]); }
  }
}
