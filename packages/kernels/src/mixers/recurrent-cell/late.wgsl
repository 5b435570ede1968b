// The last gate of a cell whose product is of what the other gates make of the hidden state.

var<workgroup> mixed: array<f32, HIDDEN>;

fn late_sums(direction: u32, at: u32, thread: u32) {
  for (var turn = 0u; turn < UNIT_TURNS; turn++) {
    let unit = turn * WORKGROUP + thread;
    if (unit >= HIDDEN) { break; }
    var x = array<f32, GATES>();
    var h = array<f32, GATES>();
    for (var gate = 0u; gate < GATES - 1u; gate++) {
      x[gate] = g_load(at + gate * HIDDEN + unit);
      h[gate] = sums[gate * HIDDEN + unit];
    }
    mixed[unit] = cell_reset(CellPlace(direction, unit), x, h, hidden[unit]);
  }
  workgroupBarrier();
  for (var turn = 0u; turn < LATE_TURNS; turn++) {
    let late = turn * WORKGROUP + thread;
    if (late >= HIDDEN) { break; }
    var sum = Value();
    for (var unit = 0u; unit < UNITS; unit++) {
      sum += weight(EARLY_TURNS + turn, direction, EARLY_ROWS + late, unit) * mixed_unit(unit);
    }
    sums[EARLY_ROWS + late] = total(sum);
  }
  workgroupBarrier();
}
