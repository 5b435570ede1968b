// Elements of max and plus in memory: two values each.

fn carry_load(i: u32) -> Element { return Element(carries_load(2u * i), carries_load(2u * i + 1u)); }

fn carry_store(i: u32, element: Element) {
  carries_store(2u * i, element.shift);
  carries_store(2u * i + 1u, element.floor);
}
