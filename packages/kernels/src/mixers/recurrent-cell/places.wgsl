// Where things lie: g [tokens, batch, directions, gates, hidden], y [tokens, directions, batch, hidden], states [directions, batch, hidden]; or batch
// first, each [batch, tokens, directions, ...] and [batch, directions, hidden]. r [directions, gates, hidden, hidden]. All row-major.

struct CellPlace { direction: u32, unit: u32 }
struct CellState { hidden: f32, memory: f32 }

// What a token says to the gates of its unit 0.
fn gates_at(token: u32, row: u32, direction: u32) -> u32 {
  let pair = select(token * params.batch + row, row * params.tokens + token, BATCH_FIRST);
  return (pair * DIRECTIONS + direction) * GATES * HIDDEN;
}

fn output_at(token: u32, row: u32, direction: u32) -> u32 {
  let line = select(
    (token * DIRECTIONS + direction) * params.batch + row,
    (row * params.tokens + token) * DIRECTIONS + direction,
    BATCH_FIRST);
  return line * HIDDEN;
}

fn state_at(row: u32, direction: u32) -> u32 {
  return select(direction * params.batch + row, row * DIRECTIONS + direction, BATCH_FIRST) * HIDDEN;
}

// The token of a step; backwards from the row's own last one.
fn token_of(step: u32, length: u32, direction: u32) -> u32 {
  return select(step, length - 1u - step, REVERSE || direction == 1u);
}
