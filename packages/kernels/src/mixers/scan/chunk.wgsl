// A chunk of SEGMENTS * STEPS tokens of LANES neighbouring units: each invocation has a segment of one unit in registers, and
// shares what the segment comes to with the others.

const CHUNK = SEGMENTS * STEPS;
const TILES = (UNITS + LANES - 1u) / LANES;
var<workgroup> segment_totals: array<Element, LANES * SEGMENTS>;

struct Segment {
  batch: u32,
  chunk: u32,
  unit: u32,
  number: u32,
  // Tokens of the sequence.
  tokens: u32,
  // Whether there are such a unit and batch row.
  present: bool,
}

fn segment_of(workgroup: u32, index: u32, place: ChunkPlace) -> Segment {
  let unit = workgroup % TILES * LANES + index % LANES;
  let present = unit < UNITS && place.number < sequence_count();
  let tokens = sequence_of(min(place.number, sequence_count() - 1u)).count;
  return Segment(place.number, place.chunk, unit, index / LANES, tokens, present);
}

fn first_token(segment: Segment) -> u32 { return segment.chunk * CHUNK + segment.number * STEPS; }

// All invocations of a workgroup, at once.
fn gather(segment: Segment, index: u32, elements: ptr<function, array<Element, STEPS>>) {
  var total = identity();
  for (var step = 0u; step < STEPS; step++) {
    let token = first_token(segment) + step;
    (*elements)[step] = identity();
    if (segment.present && token < segment.tokens) {
      (*elements)[step] = scan_load(segment.batch, token, segment.unit);
    }
    total = combine(total, (*elements)[step]);
  }
  segment_totals[index] = total;
  workgroupBarrier();
}

// A state after the first `number` segments of the chunk.
fn after_segments(index: u32, number: u32, state: Element) -> Element {
  var after = state;
  for (var other = 0u; other < SEGMENTS; other++) {
    if (other >= number) { break; }
    after = combine(after, segment_totals[other * LANES + index % LANES]);
  }
  return after;
}

fn emit_segment(segment: Segment, state: Element, elements: ptr<function, array<Element, STEPS>>) {
  if (!segment.present) { return; }
  var prefix = state;
  for (var step = 0u; step < STEPS; step++) {
    let token = first_token(segment) + step;
    if (token >= segment.tokens) { break; }
    let before = prefix;
    prefix = combine(prefix, (*elements)[step]);
    scan_emit(segment.batch, token, segment.unit, before, prefix);
  }
}
