// What chunks come to in memory: one value each.
fn carry_load(i: u32) -> Element { return carries_load(i); }
fn carry_store(i: u32, element: Element) { carries_store(i, element); }
