// ids = the tokens whose keep is not 0, in order, then the others, the last one first; counts = how many are kept. keep and ids
// [batch, tokens], counts [batch]. Bytes: keep once (twice in chunks), ids and counts once.

alias Element = Value;

fn identity() -> Element { return 0u; }

fn combine(earlier: Element, later: Element) -> Element { return earlier + later; }

fn scan_load(batch: u32, token: u32, unit: u32) -> Element {
  return select(0u, 1u, keep_load(batch * params.tokens + token) != 0u);
}

fn scan_start(batch: u32, unit: u32) -> Element { return 0u; }

fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) {
  let place = select(params.tokens - 1u - (token - before), before, prefix != before);
  ids_store(batch * params.tokens + place, token);
}

fn scan_finish(batch: u32, unit: u32, whole: Element) { counts_store(batch, whole); }
