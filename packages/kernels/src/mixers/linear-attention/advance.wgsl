// Chunk after chunk of WIDTH columns of a state, which stays in workgroup memory. Of each chunk: what the state gives its queries, what
// its values become by the state and by those before them, what its queries read of them, and the state after it.

const TILE = CHUNK * WIDTH;
const PER_INVOCATION = (TILE + ADVANCERS - 1u) / ADVANCERS;
const KEY_BLOCKS = (KEY_SIZE + KEY_BLOCK - 1u) / KEY_BLOCK;
var<workgroup> state: array<f32, KEY_SIZE * WIDTH>;
// Of a block of keys: rows of readers or sources, times their decays.
var<workgroup> rows: array<f32, CHUNK * KEY_BLOCK>;
var<workgroup> totals: array<f32, KEY_BLOCK>;
// Of each kind of source what it is multiplied by: values of keys, reads of probes of erasers.
var<workgroup> news: array<f32, KINDS * TILE>;
var<workgroup> gates_here: array<vec2<f32>, CHUNK>;
var<workgroup> weights: array<f32, CHUNK>;

// What the gates noted of a token, from where `prepare` put it.
fn prepared_note(place: Place) -> f32 {
  let sequence = sequence_of(sequence_holding(place.batch, place.token));
  // Backwards and back again.
  let step = token_of(sequence, place.token - sequence.first) - sequence.first;
  let chunk = chunk_slot(sequence.number, step / CHUNK) * VALUE_HEADS + place.head;
  return prepared_load(chunk * PREPARED + GATES_AT + 3u * (step % CHUNK) + 2u);
}

// `here` is where what was prepared of it begins.
struct Chunk { sequence: Sequence, head: u32, first: u32, here: u32 }

fn token_place(chunk: Chunk, reader: u32) -> Place {
  return Place(chunk.sequence.batch, chunk.head, token_of(chunk.sequence, chunk.first + reader));
}

fn is_token(chunk: Chunk, reader: u32) -> bool { return chunk.first + reader < chunk.sequence.count; }

// Fills `rows`: of a block of keys, the elements of a group's readers times the decay up to the token from where the chunk begins, or
// `is_after` those of sources of a kind times the decay from the token to where it ends. All invocations of a workgroup, at once.
fn fill_rows(chunk: Chunk, group: u32, kind: u32, block: u32, is_after: bool, invocation: u32) {
  workgroupBarrier();
  if (is_before(group) && !is_after) {
    for (var step = 0u; step < MANY; step++) {
      let at = step * ADVANCERS + invocation;
      if (at >= CHUNK * KEY_BLOCK) { break; }
      let i = block * KEY_BLOCK + at % KEY_BLOCK;
      var element = 0.0;
      if (i < KEY_SIZE) { element = prepared_load(chunk.here + PROBES_AT + at / KEY_BLOCK * KEY_SIZE + i); }
      rows[at] = element;
    }
    workgroupBarrier();
    return;
  }
  if (DECAYS) {
    if (invocation < KEY_BLOCK) {
      let i = block * KEY_BLOCK + invocation;
      var sum = 0.0;
      for (var step = 0u; step < MANY; step++) {
        if (step >= turns(CHUNK)) { break; }
        let reader = select(step, CHUNK - 1u - step, is_after);
        var logarithm = gates_here[reader].x;
        if (DECAYS_KEYS) {
          logarithm = 0.0;
          if (i < KEY_SIZE && is_token(chunk, reader)) { logarithm = key_decay(token_place(chunk, reader), i); }
        }
        if (!is_after) { sum += logarithm; }
        rows[reader * KEY_BLOCK + invocation] = sum;
        if (is_after) { sum += logarithm; }
      }
      totals[invocation] = sum;
    }
    workgroupBarrier();
  }
  for (var step = 0u; step < MANY; step++) {
    let at = step * ADVANCERS + invocation;
    if (at >= CHUNK * KEY_BLOCK) { break; }
    let i = block * KEY_BLOCK + at % KEY_BLOCK;
    let reader = at / KEY_BLOCK;
    var element = 0.0;
    if (i < KEY_SIZE && is_token(chunk, reader)) {
      let place = token_place(chunk, reader);
      if (is_after) { element = source_at(place, kind, i); } else { element = asker_at(place, group, i); }
      if (DECAYS) { element *= decay_factor(rows[at]); }
    }
    rows[at] = element;
  }
  workgroupBarrier();
}

// The keys of a block.
fn keys_of(block: u32) -> u32 { return min(KEY_BLOCK, KEY_SIZE - block * KEY_BLOCK); }

// What rows read of a column of the state, in a block of keys.
fn read_state(block: u32, reader: u32, c: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < MANY; k++) {
    if (k >= keys_of(block)) { break; }
    sum += rows[reader * KEY_BLOCK + k] * state[(block * KEY_BLOCK + k) * WIDTH + c];
  }
  return sum;
}

// What a token reads in a column of what the chunk's own sources of a kind are multiplied by, with weights from `prepare`.
fn read_news(weights_at: u32, kind: u32, reader: u32, c: u32) -> f32 {
  var sum = 0.0;
  for (var source = 0u; source < MANY; source++) {
    if (source > reader) { break; }
    sum += prepared_load(weights_at + reader * CHUNK + source) * news[kind * TILE + source * WIDTH + c];
  }
  return sum;
}

// A state after the chunk, in a block of keys, with the sources of a kind.
fn write_state(block: u32, kind: u32, invocation: u32) {
  for (var step = 0u; step < MANY; step++) {
    let at = step * ADVANCERS + invocation;
    if (at >= keys_of(block) * WIDTH) { break; }
    let k = at / WIDTH;
    let place = block * KEY_BLOCK * WIDTH + at;
    var value = state[place];
    if (DECAYS && kind == 0u) { value = decayed(value, totals[k]); }
    for (var source = 0u; source < MANY; source++) {
      if (source >= turns(CHUNK)) { break; }
      value += rows[source * KEY_BLOCK + k] * news[kind * TILE + source * WIDTH + at % WIDTH];
    }
    state[place] = value;
  }
}

@compute @workgroup_size(ADVANCERS)
fn advance(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let workgroup = linear_workgroup(id, count);
  let tile = workgroup % TILES;
  let head = workgroup / TILES % VALUE_HEADS;
  let line = workgroup / TILES / VALUE_HEADS;
  if (line >= sequence_count()) { return; }
  let sequence = sequence_of(line);

  for (var step = 0u; step < MANY; step++) {
    let at = step * ADVANCERS + invocation;
    if (at >= KEY_SIZE * WIDTH) { break; }
    let column = tile * COLUMNS + at % WIDTH;
    var value = 0.0;
    if (at % WIDTH == COLUMNS) { value = sum_before(line, head, at / WIDTH); }
    else if (column < VALUE_SIZE) { value = state_before(line, head, at / WIDTH, column); }
    state[at] = value;
  }

  for (var number = 0u; number < MANY; number++) {
    if (number >= chunks_of(sequence)) { break; }
    let here = (chunk_slot(line, number) * VALUE_HEADS + head) * PREPARED;
    let chunk = Chunk(sequence, head, number * CHUNK, here);
    workgroupBarrier();
    if (invocation < CHUNK) {
      let at = here + GATES_AT + 3u * invocation;
      gates_here[invocation] = vec2<f32>(prepared_load(at), prepared_load(at + 1u));
    }

    // First what the values become, then what each group of queries reads, then the state after the chunk.
    for (var phase = 0u; phase < MANY; phase++) {
      if (phase >= turns(GROUPS + 2u)) { break; }
      let writes = phase == GROUPS + 1u;
      let group = select(phase - 1u, GROUPS, phase == 0u || writes);
      // Given a value: without one, adapters keep what it had in the last turn of the loop.
      var sums = array<f32, PER_INVOCATION>();
      for (var block = 0u; block < MANY; block++) {
        if (block >= turns(select(KEY_BLOCKS, 0u, phase == 0u && !ERASES))) { break; }
        fill_rows(chunk, group, 0u, block, writes, invocation);
        if (writes) {
          write_state(block, 0u, invocation);
          if (ERASES_FREELY) {
            fill_rows(chunk, group, 1u, block, true, invocation);
            write_state(block, 1u, invocation);
          }
          continue;
        }
        for (var step = 0u; step < MANY; step++) {
          let at = step * ADVANCERS + invocation;
          if (at >= TILE) { break; }
          sums[step] += read_state(block, at / WIDTH, at % WIDTH);
        }
      }
      if (writes) { break; }
      workgroupBarrier();
      if (phase == 0u) {
        for (var step = 0u; step < MANY; step++) {
          let at = step * ADVANCERS + invocation;
          if (at >= TILE) { break; }
          let column = tile * COLUMNS + at % WIDTH;
          var value = 0.0;
          if (is_token(chunk, at / WIDTH)) {
            if (at % WIDTH == COLUMNS) { value = 1.0; }
            else if (column < VALUE_SIZE) { value = key_value(token_place(chunk, at / WIDTH), column); }
          }
          news[at] = select(gates_here[at / WIDTH].y * value, value - sums[step], ERASES_KEYS);
        }
        workgroupBarrier();
        if (ERASES_FREELY) {
          for (var step = 0u; step < MANY; step++) {
            let at = step * ADVANCERS + invocation;
            if (at >= TILE) { break; }
            news[TILE + at] = sums[step] + read_news(here + (COMPARISONS - 2u) * PAIRS, 0u, at / WIDTH, at % WIDTH);
          }
          workgroupBarrier();
        }
        if (ERASES) {
          for (var step = 0u; step < MANY; step++) {
            let at = step * ADVANCERS + invocation;
            if (at >= TILE) { break; }
            sums[step] = read_news(here + (COMPARISONS - 1u) * PAIRS, KINDS - 1u, at / WIDTH, at % WIDTH);
          }
          workgroupBarrier();
          for (var step = 0u; step < MANY; step++) {
            let at = step * ADVANCERS + invocation;
            if (at >= TILE) { break; }
            news[(KINDS - 1u) * TILE + at] = sums[step];
          }
          workgroupBarrier();
        }
        continue;
      }
      for (var step = 0u; step < MANY; step++) {
        let at = step * ADVANCERS + invocation;
        if (at >= TILE) { break; }
        for (var kind = 0u; kind < KINDS; kind++) {
          sums[step] += read_news(here + (group * KINDS + kind) * PAIRS, kind, at / WIDTH, at % WIDTH);
        }
        if (NORMALIZES && at % WIDTH == COLUMNS) { weights[at / WIDTH] = sums[step]; }
      }
      if (NORMALIZES) { workgroupBarrier(); }
      for (var step = 0u; step < MANY; step++) {
        let at = step * ADVANCERS + invocation;
        if (at >= TILE) { break; }
        let column = tile * COLUMNS + at % WIDTH;
        let reader = at / WIDTH;
        if (at % WIDTH >= COLUMNS || column >= VALUE_SIZE || !is_token(chunk, reader)) { continue; }
        let place = token_place(chunk, reader);
        let output = head * GROUPS + group;
        let y = finish(place, output, column, SCALE * sums[step], select(1.0, weights[reader], NORMALIZES));
        y_store(((sequence.batch * params.tokens + place.token) * OUTPUTS + output) * VALUE_SIZE + column, y);
      }
    }
  }
  workgroupBarrier();

  for (var step = 0u; step < MANY; step++) {
    let at = step * ADVANCERS + invocation;
    if (at >= KEY_SIZE * WIDTH) { break; }
    let column = tile * COLUMNS + at % WIDTH;
    if (at % WIDTH == COLUMNS) {
      if (tile == 0u) { keep_sum(line, head, at / WIDTH, state[at]); }
    } else if (column < VALUE_SIZE) {
      keep_state(line, head, at / WIDTH, column, state[at]);
    }
  }
}
