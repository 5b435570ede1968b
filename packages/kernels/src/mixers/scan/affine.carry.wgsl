// Elements of a recurrence in memory: three values each.

fn carry_load(i: u32) -> Element {
  return Element(carries_load(3u * i), carries_load(3u * i + 1u), carries_load(3u * i + 2u));
}

fn carry_store(i: u32, element: Element) {
  carries_store(3u * i, element.decay);
  carries_store(3u * i + 1u, element.loss);
  carries_store(3u * i + 2u, element.value);
}
