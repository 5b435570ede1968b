// Elements of weighted sums in memory: three values each.

fn carry_load(i: u32) -> Element {
  return Element(carries_load(3u * i), carries_load(3u * i + 1u), carries_load(3u * i + 2u));
}

fn carry_store(i: u32, element: Element) {
  carries_store(3u * i, element.peak);
  carries_store(3u * i + 1u, element.sum);
  carries_store(3u * i + 2u, element.weights);
}
