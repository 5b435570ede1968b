// The algebra of first-order recurrences: an element takes a state to decay * state + value, and two in a row are one.

struct Element {
  decay: Value,
  // 1 - decay, which keeps its digits where decay is near 1: products of such decays would all round the same way.
  loss: Value,
  value: Value,
}

fn element(decay: Value, value: Value) -> Element { return Element(decay, 1.0 - decay, value); }

fn identity() -> Element { return element(Value(1.0), Value(0.0)); }

fn decayed(state: Value, by: Element) -> Value {
  return select(by.decay * state, state - by.loss * state, abs(by.loss) < Value(0.015625));
}

fn combine(earlier: Element, later: Element) -> Element {
  return Element(
    earlier.decay * later.decay,
    earlier.loss + later.loss - earlier.loss * later.loss,
    decayed(earlier.value, later) + later.value,
  );
}
