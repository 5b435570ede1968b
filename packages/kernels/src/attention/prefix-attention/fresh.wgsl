// Nothing came before, and nothing is kept.

fn load_carried(lane: u32, row: u32, state: ptr<function, State>) { (*state).peak = MASKED; }

fn store_carried(lane: u32, row: u32, state: State) {}
