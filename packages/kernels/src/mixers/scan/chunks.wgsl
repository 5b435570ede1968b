// Three dispatches: `totals` leaves what each chunk comes to, `carry` turns that into the state before each chunk, and `emit` walks
// the chunks again from there. No workgroup waits for another.

fn carry_place(batch: u32, chunk: u32, unit: u32) -> u32 { return chunk_slot(batch, chunk) * UNITS + unit; }

@compute @workgroup_size(LANES * SEGMENTS)
fn totals(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let workgroup = linear_workgroup(id, count);
  let segment = segment_of(workgroup, index, chunk_place(workgroup / TILES));
  var elements: array<Element, STEPS>;
  gather(segment, index, &elements);
  if (segment.present && segment.number == 0u) {
    let place = carry_place(segment.batch, segment.chunk, segment.unit);
    carry_store(place, after_segments(index, SEGMENTS, identity()));
  }
}

@compute @workgroup_size(WORKGROUP)
fn carry(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count) * WORKGROUP + lane;
  let batch = line / UNITS;
  let unit = line % UNITS;
  if (batch >= sequence_count()) { return; }
  let chunks = chunks_of(sequence_of(batch));
  var state = scan_start(batch, unit);
  for (var chunk = 0u; chunk < MANY; chunk++) {
    if (chunk >= chunks) { break; }
    let place = carry_place(batch, chunk, unit);
    let total = carry_load(place);
    carry_store(place, state);
    state = combine(state, total);
  }
  scan_finish(batch, unit, state);
}

@compute @workgroup_size(LANES * SEGMENTS)
fn emit(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let workgroup = linear_workgroup(id, count);
  let segment = segment_of(workgroup, index, chunk_place(workgroup / TILES));
  var elements: array<Element, STEPS>;
  gather(segment, index, &elements);
  if (!segment.present) { return; }
  let before = carry_load(carry_place(segment.batch, segment.chunk, segment.unit));
  emit_segment(segment, after_segments(index, segment.number, before), &elements);
}
