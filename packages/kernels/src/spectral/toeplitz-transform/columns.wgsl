// Columns of a head: products of a feature of the keys with two value columns, the parts of one complex number, for the spectrum of the weights is
// that of real numbers and keeps parts apart. With NORMALIZES the first column is 1. A unit is a head of a batch row with a pair of columns;
// it has a line for each feature. A turn takes UNITS units; `convolved` [tokens, LINES] holds what its lines come to.

struct Unit { exists: bool, pair: u32, batch: u32, head: u32 }

// Pairs change slowest, so that the units whose first column is 1 come first.
fn unit_of(number: u32) -> Unit {
  let at = turn_load(0u) * UNITS + number;
  let heads = params.batch * HEADS;
  return Unit(at < heads * PAIRS, at / heads, at % heads / HEADS, at % HEADS);
}

fn line_count() -> u32 { return LINES; }

fn inner_lines() -> u32 { return LINES; }

// A column of the values at a row of v, 1 for the one in front and 0 behind the last.
fn value_column(row: u32, column: u32) -> f32 {
  if (NORMALIZES && column == 0u) { return 1.0; }
  let own = column - select(0u, 1u, NORMALIZES);
  if (own >= VALUE_SIZE) { return 0.0; }
  return v_load(row * VALUE_SIZE + own);
}

fn enter(line: u32, n: u32) -> vec2<f32> {
  let unit = unit_of(line / FEATURES);
  if (n >= params.keys || !unit.exists) { return vec2<f32>(0.0); }
  let row = (unit.batch * params.keys + n) * KEY_HEADS + unit.head * KEY_HEADS / HEADS;
  let feature = feature_map(FEATURE_SCALE * k_load(row * FEATURES + line % FEATURES));
  return feature * vec2<f32>(value_column(row, 2u * unit.pair), value_column(row, 2u * unit.pair + 1u));
}

fn amid(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> {
  let head = unit_of(line / FEATURES).head;
  return product(z, spectrum_load(head * BIAS_HEADS / HEADS * SIZE + k));
}

// Results stand `middle` places back, round the end.
fn leave(line: u32, k: u32, z: vec2<f32>) {
  let token = select(k + MIDDLE, k + MIDDLE - SIZE, k + MIDDLE >= SIZE);
  if (token < params.tokens) { convolved_store(token * LINES + line, z); }
}

@compute @workgroup_size(1)
fn begin() { turn_store(0u, 0u); }

@compute @workgroup_size(1)
fn next() { turn_store(0u, turn_load(0u) + 1u); }

// A token's columns of a unit, over all features of its query.
fn gathered(unit: Unit, number: u32, token: u32) -> vec2<f32> {
  let query = ((unit.batch * params.tokens + token) * HEADS + unit.head) * FEATURES;
  var sum = vec2<f32>(0.0);
  for (var i = 0u; i < FEATURES; i++) {
    sum += feature_map(FEATURE_SCALE * q_load(query + i)) * convolved_load(token * LINES + number * FEATURES + i);
  }
  return sum;
}

fn norm_place(unit: Unit, token: u32) -> u32 { return (unit.batch * params.tokens + token) * HEADS + unit.head; }

@compute @workgroup_size(64)
fn finish(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let unit = unit_of(at % UNITS);
  let token = at / UNITS;
  if (token >= params.tokens || !unit.exists) { return; }
  let sums = finished(unit, token, gathered(unit, at % UNITS, token));
  let ahead = select(0u, 1u, NORMALIZES);
  for (var part = 0u; part < 2u; part++) {
    let column = 2u * unit.pair + part - ahead;
    if (column < VALUE_SIZE) {
      y_store(norm_place(unit, token) * VALUE_SIZE + column, select(sums.x, sums.y, part == 1u));
    }
  }
}
