// What a chunk of CHUNK tokens is by itself, for all columns of values, one behind the other: for each group of queries how much they read
// of each key and, where those are free, of each eraser, [CHUNK, CHUNK]; where probes are free how much they read of each key before, and
// where anything is erased what each value or read of a probe becomes by those before it, [CHUNK, CHUNK] each; its gates; and free probes,
// [CHUNK, KEY_SIZE], times the decay from where the chunk begins: a dispatch that reads those too would bind more than every device has.
// Decays between two tokens are powers of the sum over the tokens between, never quotients of powers.

const PAIRS = CHUNK * CHUNK;
const PAIR_LANES = PREPARERS / CHUNK;
// Of each lane of a pair; then the whole of it, where the first lane's was.
var<workgroup> pairs: array<f32, PAIRS * PAIR_LANES>;
var<workgroup> chunk_gates: array<vec2<f32>, CHUNK>;

const ERASES = ERASES_KEYS || ERASES_FREELY;
// What is added to a state by a token: its key and, if that is not the key, its eraser.
const KINDS = select(1u, 2u, ERASES_FREELY);
const COMPARISONS = (GROUPS + select(0u, 1u, ERASES)) * KINDS;
const GATES_AT = COMPARISONS * PAIRS;
const PROBES_AT = GATES_AT + 3u * CHUNK;
const PREPARED = PROBES_AT + select(0u, CHUNK * KEY_SIZE, ERASES_FREELY);

// A number of turns, which with ROLLED compilers cannot know: software adapters take seconds to compile these loops unrolled.
fn turns(count: u32) -> u32 {
  if (ROLLED) { return count + params.batch / MANY; }
  return count;
}

// The element of a row that reads a state: of a query of a group, or of the key, which finds out what is to be erased.
fn asker_at(place: Place, group: u32, i: u32) -> f32 {
  if (group < GROUPS) { return query_at(place.batch, place.token, place.head * GROUPS + group, i); }
  return key_at(place, i);
}

// The same; what is to be erased may be found out by a probe.
fn reader_at(place: Place, group: u32, i: u32) -> f32 {
  if (is_before(group)) { return probe_at(place, i); }
  return asker_at(place, group, i);
}

// The element of a row that a token adds to a state, of a kind.
fn source_at(place: Place, kind: u32, i: u32) -> f32 {
  if (kind == 1u) { return eraser_at(place, i); }
  return key_at(place, i);
}

// Whether rows of a group read the state before their token, which then does not decay it.
fn is_before(group: u32) -> bool { return ERASES_FREELY && group == GROUPS; }

// All invocations of a workgroup, at once: `pairs` are products of rows of a group and of a kind, times the decay between.
fn compare(sequence: Sequence, head: u32, first: u32, group: u32, kind: u32, invocation: u32) {
  let source = invocation % CHUNK;
  let lane = invocation / CHUNK;
  var sums = array<f32, CHUNK>();
  if (first + source < sequence.count) {
    let key_place = Place(sequence.batch, head, token_of(sequence, first + source));
    for (var step = 0u; step < MANY; step++) {
      let i = step * PAIR_LANES + lane;
      if (i >= KEY_SIZE) { break; }
      let key = source_at(key_place, kind, i);
      var between = 0.0;
      for (var later = 0u; later < MANY; later++) {
        let reader = source + later;
        if (reader >= CHUNK || first + reader >= sequence.count) { break; }
        let place = Place(sequence.batch, head, token_of(sequence, first + reader));
        if (is_before(group) && later == 0u) { continue; }
        if (DECAYS_KEYS) {
          let own = select(0.0, key_decay(place, i), later > 0u);
          if (!is_before(group)) { between += own; }
          sums[reader] += reader_at(place, group, i) * key * decay_factor(between);
          if (is_before(group)) { between += own; }
        } else {
          sums[reader] += reader_at(place, group, i) * key;
        }
      }
    }
  }
  for (var reader = 0u; reader < MANY; reader++) {
    if (reader >= turns(CHUNK)) { break; }
    pairs[lane * PAIRS + reader * CHUNK + source] = sums[reader];
  }
  workgroupBarrier();
  for (var step = 0u; step < MANY; step++) {
    if (step >= turns(PAIRS / PREPARERS)) { break; }
    let pair = step * PREPARERS + invocation;
    var total = 0.0;
    for (var other = 0u; other < PAIR_LANES; other++) { total += pairs[other * PAIRS + pair]; }
    if (DECAYS_HEADS) {
      var between = 0.0;
      for (var token = 0u; token < MANY; token++) {
        if (token >= turns(CHUNK)) { break; }
        if (token > pair % CHUNK && token < pair / CHUNK + select(1u, 0u, is_before(group))) {
          between += chunk_gates[token].x;
        }
      }
      total *= decay_factor(between);
    }
    pairs[pair] = total;
  }
  workgroupBarrier();
}

// A column of (I + diag(strength) · strictly lower pairs)⁻¹ · diag(strength), by substitution from the first row on; where erasers are
// free, of (I − strictly lower pairs)⁻¹.
fn solve(chunk: u32, column: u32) {
  var solved = array<f32, CHUNK>();
  for (var row = 0u; row < MANY; row++) {
    if (row >= turns(CHUNK)) { break; }
    var seen = select(0.0, 1.0, row == column);
    for (var other = 0u; other < MANY; other++) {
      if (other >= row) { break; }
      if (other >= column) { seen += select(-chunk_gates[row].y, 1.0, ERASES_FREELY) * pairs[row * CHUNK + other] * solved[other]; }
    }
    solved[row] = seen;
    let strength = select(chunk_gates[column].y, 1.0, ERASES_FREELY);
    prepared_store(chunk * PREPARED + (COMPARISONS - 1u) * PAIRS + row * CHUNK + column, seen * strength);
  }
}

// Free probes times the decay from where the chunk begins.
fn keep_probes(chunk: u32, sequence: Sequence, head: u32, first: u32, invocation: u32) {
  for (var step = 0u; step < MANY; step++) {
    let i = step * PREPARERS + invocation;
    if (i >= KEY_SIZE) { break; }
    var before = 0.0;
    for (var reader = 0u; reader < MANY; reader++) {
      if (reader >= turns(CHUNK)) { break; }
      var element = 0.0;
      if (first + reader < sequence.count) {
        let place = Place(sequence.batch, head, token_of(sequence, first + reader));
        element = probe_at(place, i) * decay_factor(before);
        before += chunk_gates[reader].x + key_decay(place, i);
      }
      prepared_store(chunk * PREPARED + PROBES_AT + reader * KEY_SIZE + i, element);
    }
  }
}

@compute @workgroup_size(PREPARERS)
fn prepare(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let chunk = linear_workgroup(id, count);
  let head = chunk % VALUE_HEADS;
  let slot = chunk_place(chunk / VALUE_HEADS);
  if (slot.number >= sequence_count()) { return; }
  let sequence = sequence_of(slot.number);
  let first = slot.chunk * CHUNK;
  if (invocation < CHUNK) {
    var gate = vec3<f32>(0.0);
    if (first + invocation < sequence.count) {
      let place = Place(sequence.batch, head, token_of(sequence, first + invocation));
      gate = vec3<f32>(gate_of(place), gate_note(place));
    }
    chunk_gates[invocation] = gate.xy;
    let at = chunk * PREPARED + GATES_AT + 3u * invocation;
    prepared_store(at, gate.x);
    prepared_store(at + 1u, gate.y);
    prepared_store(at + 2u, gate.z);
  }
  workgroupBarrier();
  if (ERASES_FREELY) { keep_probes(chunk, sequence, head, first, invocation); }
  for (var comparison = 0u; comparison < MANY; comparison++) {
    if (comparison >= turns(COMPARISONS)) { break; }
    compare(sequence, head, first, comparison / KINDS, comparison % KINDS, invocation);
    if (ERASES && comparison == COMPARISONS - 1u) {
      if (invocation < CHUNK) { solve(chunk, invocation); }
    } else {
      for (var step = 0u; step < MANY; step++) {
        if (step >= turns(PAIRS / PREPARERS)) { break; }
        let pair = step * PREPARERS + invocation;
        prepared_store(chunk * PREPARED + comparison * PAIRS + pair, pairs[pair]);
      }
    }
    workgroupBarrier();
  }
}
