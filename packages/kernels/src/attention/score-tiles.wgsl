// What attention kernels with loops of their own share: scores of a block of rows with a tile of keys. A workgroup of
// THREADS_Y x THREADS_X threads owns THREADS_Y * ROWS rows; a thread scores ROWS of them with COLUMNS neighbouring keys.

const TILE_ROWS = THREADS_Y * ROWS;
const TILE_KEYS = THREADS_X * COLUMNS;

alias Queries = array<Token, ROWS>;
alias Scores = array<array<f32, COLUMNS>, ROWS>;

var<workgroup> exchange: array<f32, TILE_ROWS * THREADS_X>;

/** Threads of a row; a bound that compilers cannot see through: unrolling such loops costs seconds and gains nothing. */
fn row_threads() -> u32 { return select(THREADS_X, 0u, params.queries == 0u); }

/** The queries of a thread's rows; rows past the last repeat it. */
fn queries_of(block: Block, lane: u32) -> Queries {
  var queries: Queries;
  for (var i = 0u; i < ROWS; i++) {
    let row = min(block.first_row + lane / THREADS_X * ROWS + i, block.rows - 1u);
    let head = block.head + row % PACK;
    queries[i] = Token(block.batch, head, row / PACK, q_at(block.batch, head, row / PACK));
  }
  return queries;
}

fn tile_of(block: Block, first_key: u32) -> Tile {
  return Tile(block.batch, block.head, PACK, block.first_query, block.last_query - block.first_query + 1u, first_key,
    min(TILE_KEYS, block.end_key - first_key));
}

/** Scores of a thread's rows with its keys, from `first_key + tx * COLUMNS`; MASKED where the key is not seen. */
fn tile_scores(block: Block, queries: Queries, lane: u32, first_key: u32, verdict: u32) -> Scores {
  var s: Scores;
  var keys: array<Token, COLUMNS>;
  let own_key = first_key + lane % THREADS_X * COLUMNS;
  for (var j = 0u; j < COLUMNS; j++) {
    // Keys past the end are read from the last one, which is valid, and masked.
    let key = min(own_key + j, block.end_key - 1u);
    keys[j] = Token(block.batch, block.kv_head, key, load_k_at(block.batch, block.kv_head, key));
    for (var i = 0u; i < ROWS; i++) { s[i][j] = 0.0; }
  }
  let units = select(QK_UNITS, 0u, params.queries == 0u);
  for (var unit = 0u; unit < MANY; unit++) {
    if (unit >= units) { break; }
    var q: array<qk_fragment, ROWS>;
    for (var i = 0u; i < ROWS; i++) { q[i] = load_q(queries[i], unit); }
    for (var j = 0u; j < COLUMNS; j++) {
      let k = load_k(keys[j], unit);
      for (var i = 0u; i < ROWS; i++) { s[i][j] = similarity(s[i][j], q[i], k, unit); }
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    let token = queries[i];
    let position = query_position(block.batch, token.index);
    let span = seen_keys(position, block.length);
    for (var j = 0u; j < COLUMNS; j++) {
      let key = own_key + j;
      let pair = Pair(block.batch, token.head, token.index, min(key, block.end_key - 1u), position, block.length);
      var value = score_of(s[i][j], pair);
      if (verdict == 1u) { value = mask(value, pair); }
      s[i][j] = select(MASKED, value, key >= span.x && key < min(span.y, block.end_key) && is_seen(value));
    }
  }
  return s;
}

/** Whether row `i` of a thread is one: the last workgroup's may not be. */
fn is_row(block: Block, lane: u32, i: u32) -> bool { return block.first_row + lane / THREADS_X * ROWS + i < block.rows; }
