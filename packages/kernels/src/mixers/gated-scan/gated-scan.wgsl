// h_t = a_t * h_(t-1) + b_t of every channel; a, b and h [batch, tokens, channels], row-major, forwards or backwards along tokens;
// initial and last [batch, channels]. Bytes: a and b read once and h written once by a walk, a and b twice by chunks.

fn place_of(batch: u32, token: u32, unit: u32) -> u32 {
  let sequence = sequence_of(batch);
  let place = sequence.first + select(token, sequence.count - 1u - token, REVERSE);
  return (sequence.batch * params.tokens + place) * UNITS + unit;
}

fn scan_load(batch: u32, token: u32, unit: u32) -> Element {
  let place = place_of(batch, token, unit);
  return element(a_load(place), b_load(place));
}

fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) {
  h_store(place_of(batch, token, unit), prefix.value);
}
