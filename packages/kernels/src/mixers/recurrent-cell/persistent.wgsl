// H_t = cell(g_t, R H_(t-1)) with the state of a batch row and a direction in the memory of one workgroup, which walks its tokens; places.wgsl
// says where things lie. Bytes: g read and y written once; r from caches for each token, or once where the invocations keep it.

var<workgroup> hidden: array<f32, HIDDEN>;
var<workgroup> memory: array<f32, MEMORY>;
var<workgroup> sums: array<f32, GATES * HIDDEN>;
var<private> kept: array<Value, KEPT>;

// Of row `row` of r, which is the `turn`th of this invocation.
fn weight(turn: u32, direction: u32, row: u32, unit: u32) -> Value {
  if (KEEPS) { return kept[turn * UNITS + unit]; }
  return r_load((direction * GATES * HIDDEN + row) * UNITS + unit);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let line = linear_workgroup(id, count);
  let row = line / DIRECTIONS;
  let direction = line % DIRECTIONS;
  if (row >= params.batch) { return; }
  let state = state_at(row, direction);
  for (var turn = 0u; turn < UNIT_TURNS; turn++) {
    let unit = turn * WORKGROUP + thread;
    if (unit >= HIDDEN) { break; }
    hidden[unit] = hidden_before(state + unit);
    if (MEMORY > 1u) { memory[unit] = memory_before(state + unit); }
  }
  if (KEEPS) {
    for (var turn = 0u; turn < EARLY_TURNS + LATE_TURNS; turn++) {
      let first = select(turn * WORKGROUP, EARLY_ROWS + (turn - EARLY_TURNS) * WORKGROUP, turn >= EARLY_TURNS);
      let end = select(EARLY_ROWS, GATES * HIDDEN, turn >= EARLY_TURNS);
      if (first + thread < end) {
        for (var unit = 0u; unit < UNITS; unit++) {
          kept[turn * UNITS + unit] = r_load((direction * GATES * HIDDEN + first + thread) * UNITS + unit);
        }
      }
    }
  }
  workgroupBarrier();
  let length = length_of(row);
  for (var step = 0u; step < MANY; step++) {
    if (step >= length) { break; }
    let token = token_of(step, length, direction);
    let at = gates_at(token, row, direction);
    for (var turn = 0u; turn < EARLY_TURNS; turn++) {
      let r = turn * WORKGROUP + thread;
      if (r >= EARLY_ROWS) { break; }
      var sum = Value();
      for (var unit = 0u; unit < UNITS; unit++) { sum += weight(turn, direction, r, unit) * hidden_unit(unit); }
      sums[r] = total(sum);
    }
    workgroupBarrier();
    late_sums(direction, at, thread);
    for (var turn = 0u; turn < UNIT_TURNS; turn++) {
      let unit = turn * WORKGROUP + thread;
      if (unit >= HIDDEN) { break; }
      var x = array<f32, GATES>();
      var h = array<f32, GATES>();
      for (var gate = 0u; gate < GATES; gate++) {
        x[gate] = g_load(at + gate * HIDDEN + unit);
        h[gate] = sums[gate * HIDDEN + unit];
      }
      let before = CellState(hidden[unit], memory[select(0u, unit, MEMORY > 1u)]);
      let after = cell(CellPlace(direction, unit), x, h, before);
      hidden[unit] = after.hidden;
      if (MEMORY > 1u) { memory[unit] = after.memory; }
      emit(output_at(token, row, direction) + unit, after.hidden);
    }
    workgroupBarrier();
  }
  for (var token = 0u; token < MANY; token++) {
    if (length + token >= params.tokens) { break; }
    for (var turn = 0u; turn < UNIT_TURNS; turn++) {
      let unit = turn * WORKGROUP + thread;
      if (unit < HIDDEN) { emit(output_at(length + token, row, direction) + unit, 0.0); }
    }
  }
  for (var turn = 0u; turn < UNIT_TURNS; turn++) {
    let unit = turn * WORKGROUP + thread;
    if (unit >= HIDDEN) { break; }
    keep_hidden(state + unit, hidden[unit]);
    if (MEMORY > 1u) { keep_memory(state + unit, memory[unit]); }
  }
}
