// Batch rows of one size, `params.queries` by `params.keys`.

struct TilePlace { batch: u32, head: u32, row: u32 }

fn query_count(batch: u32) -> u32 { return params.queries; }
fn key_count(batch: u32) -> u32 { return params.keys; }

// Where a block of rows begins. The last rows see most keys when causal, so they start first.
fn tile_place(index: u32) -> TilePlace {
  let tiles = (params.queries * PACK + STRIPE_ROWS - 1u) / STRIPE_ROWS * STRIPE_TILES;
  let tile = tiles - 1u - index % tiles;
  let row = tile / STRIPE_TILES * STRIPE_ROWS + tile % STRIPE_TILES * TILE_ROWS;
  let head = index / tiles % (HEADS / PACK) * PACK;
  return TilePlace(select(params.batch, index / tiles / (HEADS / PACK), row < params.queries * PACK), head, row);
}

// Rows of all heads, in the order of the log-sum-exp: their number, and a token's.
fn row_count() -> u32 { return params.batch * HEADS * params.queries; }
fn row_of(batch: u32, head: u32, index: u32) -> u32 { return (batch * HEADS + head) * params.queries + index; }

// The token of such a row; its batch row is past the last where there is none.
fn token_of(row: u32) -> Token {
  return Token(row / params.queries / HEADS, row / params.queries % HEADS, row % params.queries, 0u);
}
