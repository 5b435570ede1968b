// The algebra of max and plus: an element takes m to max(m + shift, floor), and two in a row are one.
struct Element { shift: Value, floor: Value }

fn identity() -> Element { return Element(Value(0.0), Value(-3.0e38)); }

fn combine(earlier: Element, later: Element) -> Element {
  return Element(earlier.shift + later.shift, larger(earlier.floor + later.shift, later.floor));
}
