// What a chunk of CHUNK tokens is by itself, for all columns of values, one behind the other: for each group of queries how much they read
// of each key, [CHUNK, CHUNK]; where keys are erased what each value becomes by those before it, [CHUNK, CHUNK]; and its gates.
// Decays between two tokens are powers of the sum over the tokens between, never quotients of powers.

const PAIRS = CHUNK * CHUNK;
const PAIR_LANES = PREPARERS / CHUNK;
var<workgroup> pair_sums: array<f32, PAIRS * PAIR_LANES>;
var<workgroup> pairs: array<f32, PAIRS>;
var<workgroup> chunk_gates: array<vec2<f32>, CHUNK>;

const GATES_AT = (GROUPS + select(0u, 1u, ERASES_KEYS)) * PAIRS;
const PREPARED = GATES_AT + 3u * CHUNK;

// A number of turns, which with ROLLED compilers cannot know: software adapters take seconds to compile these loops unrolled.
fn turns(count: u32) -> u32 {
  if (ROLLED) { return count + params.batch / MANY; }
  return count;
}

fn chunk_count() -> u32 { return (params.keys + CHUNK - 1u) / CHUNK; }

// The element of a row that is compared with the keys: of a key itself, or of a query of a group.
fn compared_at(place: Place, group: u32, i: u32) -> f32 {
  if (group == GROUPS) { return key_at(place, i); }
  return query_at(place.batch, place.token, place.head * GROUPS + group, i);
}

// All invocations of a workgroup, at once: `pairs` are products of rows of a group and keys, times the decay between.
fn compare(batch: u32, head: u32, first: u32, group: u32, invocation: u32) {
  let source = invocation % CHUNK;
  let lane = invocation / CHUNK;
  var sums = array<f32, CHUNK>();
  if (first + source < params.keys) {
    let key_place = Place(batch, head, token_of(first + source, params.keys));
    for (var step = 0u; step < MANY; step++) {
      let i = step * PAIR_LANES + lane;
      if (i >= KEY_SIZE) { break; }
      let key = key_at(key_place, i);
      var between = 0.0;
      for (var later = 0u; later < MANY; later++) {
        let reader = source + later;
        if (reader >= CHUNK || first + reader >= params.keys) { break; }
        let place = Place(batch, head, token_of(first + reader, params.keys));
        if (DECAYS_KEYS) {
          if (reader > source) { between += key_decay(place, i); }
          sums[reader] += compared_at(place, group, i) * key * decay_factor(between);
        } else {
          sums[reader] += compared_at(place, group, i) * key;
        }
      }
    }
  }
  for (var reader = 0u; reader < MANY; reader++) {
    if (reader >= turns(CHUNK)) { break; }
    pair_sums[lane * PAIRS + reader * CHUNK + source] = sums[reader];
  }
  workgroupBarrier();
  for (var step = 0u; step < MANY; step++) {
    if (step >= turns(PAIRS / PREPARERS)) { break; }
    let pair = step * PREPARERS + invocation;
    var total = 0.0;
    for (var other = 0u; other < PAIR_LANES; other++) { total += pair_sums[other * PAIRS + pair]; }
    if (DECAYS_HEADS) {
      var between = 0.0;
      for (var token = 0u; token < MANY; token++) {
        if (token >= turns(CHUNK)) { break; }
        if (token > pair % CHUNK && token <= pair / CHUNK) { between += chunk_gates[token].x; }
      }
      total *= decay_factor(between);
    }
    pairs[pair] = total;
  }
  workgroupBarrier();
}

// A column of (I + diag(strength) · strictly lower pairs)⁻¹ · diag(strength), by substitution from the first row on.
fn solve(chunk: u32, column: u32) {
  var solved = array<f32, CHUNK>();
  for (var row = 0u; row < MANY; row++) {
    if (row >= turns(CHUNK)) { break; }
    var seen = select(0.0, 1.0, row == column);
    for (var other = 0u; other < MANY; other++) {
      if (other >= row) { break; }
      if (other >= column) { seen -= chunk_gates[row].y * pairs[row * CHUNK + other] * solved[other]; }
    }
    solved[row] = seen;
    prepared_store(chunk * PREPARED + GROUPS * PAIRS + row * CHUNK + column, seen * chunk_gates[column].y);
  }
}

@compute @workgroup_size(PREPARERS)
fn prepare(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let chunk = linear_workgroup(id, count);
  let head = chunk / chunk_count() % VALUE_HEADS;
  let batch = chunk / chunk_count() / VALUE_HEADS;
  if (batch >= params.batch) { return; }
  let first = chunk % chunk_count() * CHUNK;
  if (invocation < CHUNK) {
    var gate = vec3<f32>(0.0);
    if (first + invocation < params.keys) {
      let place = Place(batch, head, token_of(first + invocation, params.keys));
      gate = vec3<f32>(gate_of(place), gate_note(place));
    }
    chunk_gates[invocation] = gate.xy;
    let at = chunk * PREPARED + GATES_AT + 3u * invocation;
    prepared_store(at, gate.x);
    prepared_store(at + 1u, gate.y);
    prepared_store(at + 2u, gate.z);
  }
  workgroupBarrier();
  for (var group = 0u; group < MANY; group++) {
    if (group >= turns(GROUPS + select(0u, 1u, ERASES_KEYS))) { break; }
    compare(batch, head, first, group, invocation);
    if (group == GROUPS) {
      if (invocation < CHUNK) { solve(chunk, invocation); }
    } else {
      for (var step = 0u; step < MANY; step++) {
        if (step >= turns(PAIRS / PREPARERS)) { break; }
        let pair = step * PREPARERS + invocation;
        prepared_store(chunk * PREPARED + group * PAIRS + pair, pairs[pair]);
      }
    }
    workgroupBarrier();
  }
}
