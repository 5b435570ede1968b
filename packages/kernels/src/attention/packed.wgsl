// Batch rows of any size, one after the other: row b has the queries q_starts[b] up to q_starts[b + 1], and its keys
// likewise. Starts that lead outside the tensors are cut to them.

struct TilePlace { batch: u32, head: u32, row: u32 }

// First token and number of tokens.
fn q_range(batch: u32) -> vec2<u32> {
  let start = min(q_starts_load(batch), params.tokens);
  return vec2<u32>(start, min(max(q_starts_load(batch + 1u), start), params.tokens) - start);
}
fn k_range(batch: u32) -> vec2<u32> {
  let start = min(k_starts_load(batch), params.key_tokens);
  return vec2<u32>(start, min(max(k_starts_load(batch + 1u), start), params.key_tokens) - start);
}
fn query_count(batch: u32) -> u32 { return q_range(batch).y; }
fn key_count(batch: u32) -> u32 { return k_range(batch).y; }

fn q_at(batch: u32, head: u32, index: u32) -> u32 { return q_token_at(0u, head, q_range(batch).x + index); }
fn k_at(batch: u32, head: u32, index: u32) -> u32 { return k_token_at(0u, head, k_range(batch).x + index); }
fn v_at(batch: u32, head: u32, index: u32) -> u32 { return v_token_at(0u, head, k_range(batch).x + index); }
fn y_at(batch: u32, head: u32, index: u32) -> u32 { return y_token_at(0u, head, q_range(batch).x + index); }

// The stripe of rows that a batch row begins with: one more than it needs for each row before, so that none overlap.
fn first_stripe(batch: u32) -> u32 { return q_range(batch).x * PACK / STRIPE_ROWS + batch; }

// The last batch row that begins at or before a stripe, or a token.
fn batch_at(place: u32, is_token: bool) -> u32 {
  var low = 0u;
  var high = params.batch;
  for (var step = 0u; step < 32u; step++) {
    if (low + 1u >= high) { break; }
    let middle = (low + high) / 2u;
    let begin = select(first_stripe(middle), q_range(middle).x, is_token);
    if (begin <= place) { low = middle; } else { high = middle; }
  }
  return low;
}

// Where a block of rows begins; later ones first, as in padded.wgsl.
fn tile_place(index: u32) -> TilePlace {
  let tiles = (params.tokens * PACK / STRIPE_ROWS + params.batch) * STRIPE_TILES;
  let tile = tiles - 1u - index % tiles;
  let stripe = tile / STRIPE_TILES;
  let batch = batch_at(stripe, false);
  let row = (stripe - min(first_stripe(batch), stripe)) * STRIPE_ROWS + tile % STRIPE_TILES * TILE_ROWS;
  let exists = index / tiles < HEADS / PACK && row < query_count(batch) * PACK;
  return TilePlace(select(params.batch, batch, exists), index / tiles * PACK, row);
}

// Rows of all heads, in the order of the log-sum-exp: their number, and a token's.
fn row_count() -> u32 { return HEADS * params.tokens; }
fn row_of(batch: u32, head: u32, index: u32) -> u32 { return head * params.tokens + q_range(batch).x + index; }

// The token of such a row; its batch row is past the last where there is none.
fn token_of(row: u32) -> Token {
  let token = row % params.tokens;
  let batch = batch_at(token, true);
  let range = q_range(batch);
  let exists = token >= range.x && token - range.x < range.y;
  return Token(select(params.batch, batch, exists), row / params.tokens, token - range.x, 0u);
}
