// y_t = what x_0 to x_t come to, along tokens of [batch, tokens, channels], row-major; up to before x_t where EXCLUSIVE, and from the last
// token on where REVERSE. Bytes: x once (twice in chunks) and y once.

alias Element = Value;

fn identity() -> Element { return combine_identity(); }

fn place_of(batch: u32, token: u32, unit: u32) -> u32 {
  return (batch * params.tokens + select(token, params.tokens - 1u - token, REVERSE)) * UNITS + unit;
}

fn scan_load(batch: u32, token: u32, unit: u32) -> Element { return x_load(place_of(batch, token, unit)); }

fn scan_start(batch: u32, unit: u32) -> Element { return identity(); }

fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) {
  if (EXCLUSIVE) { y_store(place_of(batch, token, unit), before); } else { y_store(place_of(batch, token, unit), prefix); }
}

fn scan_finish(batch: u32, unit: u32, whole: Element) {}
