// H_t = cell(g_t, R H_(t-1)) with a dispatch for each token, of which a workgroup computes a few units; places.wgsl says where things lie. `carried` has
// two counts of steps, then blocks of [lines, hidden]: two hidden states in turn, the memory, and what a late gate reads. Every dispatch reads one
// count and one hidden state, and writes the others, so that none waits. Bytes: g read and y written once, r once for each token.

const LANES = 8u;
var<workgroup> parts: array<f32, WORKGROUP * SUMS>;

// A unit of a line, and where the lane of an invocation stands in it.
struct Spot { line: u32, row: u32, direction: u32, unit: u32, lane: u32, step: u32, length: u32, is_here: bool }

fn block_at(block: u32, line: u32) -> u32 { return 2u + (block * params.batch * DIRECTIONS + line) * HIDDEN; }

fn spot_of(group: u32, thread: u32, parity: u32) -> Spot {
  let blocks = (HIDDEN + WORKGROUP / LANES - 1u) / (WORKGROUP / LANES);
  let line = group / blocks;
  let unit = (group % blocks) * (WORKGROUP / LANES) + thread / LANES;
  let step = u32(carried_load(parity));
  let row = line / DIRECTIONS;
  let is_here = row < params.batch && unit < HIDDEN && step < params.tokens;
  return Spot(line, row, line % DIRECTIONS, unit, thread % LANES, step, length_of(min(row, params.batch - 1u)), is_here);
}

// Parts of the products of some gates' rows with the vector that lies at `vector`.
fn part_sums(spot: Spot, first: u32, gates: u32, vector: u32, thread: u32) {
  if (!spot.is_here || spot.step >= spot.length) { return; }
  for (var gate = 0u; gate < gates; gate++) {
    let row = ((spot.direction * GATES + first + gate) * HIDDEN + spot.unit) * UNITS;
    var sum = Value();
    for (var turn = 0u; turn < (UNITS + LANES - 1u) / LANES; turn++) {
      let unit = turn * LANES + spot.lane;
      if (unit < UNITS) { sum += r_load(row + unit) * carried_unit(vector, unit); }
    }
    parts[gate * WORKGROUP + thread] = total(sum);
  }
}

// Of the first lane of a unit.
fn whole_sum(gate: u32, thread: u32) -> f32 {
  var sum = 0.0;
  for (var lane = 0u; lane < LANES; lane++) { sum += parts[gate * WORKGROUP + thread + lane]; }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn begin(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = linear_workgroup(id, count) * WORKGROUP + thread;
  if (i == 0u) { carried_store(0u, 0.0); }
  let line = i / HIDDEN;
  let unit = i % HIDDEN;
  if (line >= params.batch * DIRECTIONS) { return; }
  let state = state_at(line / DIRECTIONS, line % DIRECTIONS) + unit;
  carried_store(block_at(0u, line) + unit, hidden_before(state));
  if (MEMORY > 1u) { carried_store(block_at(2u, line) + unit, memory_before(state)); }
}

@compute @workgroup_size(WORKGROUP)
fn finish(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = linear_workgroup(id, count) * WORKGROUP + thread;
  let line = i / HIDDEN;
  let unit = i % HIDDEN;
  if (line >= params.batch * DIRECTIONS) { return; }
  let state = state_at(line / DIRECTIONS, line % DIRECTIONS) + unit;
  keep_hidden(state, carried_load(block_at(params.tokens % 2u, line) + unit));
  if (MEMORY > 1u) { keep_memory(state, carried_load(block_at(2u, line) + unit)); }
}

fn advance(group: u32, thread: u32, parity: u32) {
  let spot = spot_of(group, thread, parity);
  if (group == 0u && thread == 0u) { carried_store(1u - parity, carried_load(parity) + 1.0); }
  let vector = block_at(select(parity, MIXED, IS_LATE), spot.line);
  part_sums(spot, select(0u, EARLY, IS_LATE), select(GATES, 1u, IS_LATE), vector, thread);
  workgroupBarrier();
  if (!spot.is_here || spot.lane != 0u) { return; }
  let now = block_at(parity, spot.line) + spot.unit;
  let next = block_at(1u - parity, spot.line) + spot.unit;
  if (spot.step >= spot.length) {
    carried_store(next, carried_load(now));
    emit(output_at(spot.step, spot.row, spot.direction) + spot.unit, 0.0);
    return;
  }
  let token = token_of(spot.step, spot.length, spot.direction);
  let at = gates_at(token, spot.row, spot.direction) + spot.unit;
  var x = array<f32, GATES>();
  var h = array<f32, GATES>();
  for (var gate = 0u; gate < GATES; gate++) {
    x[gate] = g_load(at + gate * HIDDEN);
    if (!IS_LATE) { h[gate] = whole_sum(gate, thread); }
    else if (gate < EARLY) { h[gate] = carried_load(block_at(MIXED + 1u + gate, spot.line) + spot.unit); }
    else { h[gate] = whole_sum(0u, thread); }
  }
  let memory = block_at(2u, spot.line) + spot.unit;
  var before = CellState(carried_load(now), 0.0);
  if (MEMORY > 1u) { before.memory = carried_load(memory); }
  let after = cell(CellPlace(spot.direction, spot.unit), x, h, before);
  carried_store(next, after.hidden);
  if (MEMORY > 1u) { carried_store(memory, after.memory); }
  emit(output_at(token, spot.row, spot.direction) + spot.unit, after.hidden);
}

@compute @workgroup_size(WORKGROUP)
fn even(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  advance(linear_workgroup(id, count), thread, 0u);
}

@compute @workgroup_size(WORKGROUP)
fn odd(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  advance(linear_workgroup(id, count), thread, 1u);
}
