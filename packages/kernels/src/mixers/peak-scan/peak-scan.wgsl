// before_t = m_(t-1) of m_t = max(logsigmoid(forget_t) + m_(t-1), input_t) of every channel; forget, input and before [batch, tokens, channels],
// row-major, forwards or backwards along tokens; initial and last [batch, channels]. Bytes: as gated-scan.

fn place_of(batch: u32, token: u32, unit: u32) -> u32 {
  let sequence = sequence_of(batch);
  let place = sequence.first + select(token, sequence.count - 1u - token, REVERSE);
  return (sequence.batch * params.tokens + place) * UNITS + unit;
}

fn scan_load(batch: u32, token: u32, unit: u32) -> Element {
  let place = place_of(batch, token, unit);
  return Element(log_sigmoid(forget_load(place)), input_load(place));
}

fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) {
  before_store(place_of(batch, token, unit), before.floor);
}
