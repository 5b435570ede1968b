// What becomes of the scores of score-tiles.wgsl where they weigh values: a thread sums CHANNELS fragments of the outputs of its
// rows, and weights go through workgroup memory.

const WEIGHT_STRIDE = TILE_KEYS + 1u;

alias Outputs = array<array<v_fragment, CHANNELS>, ROWS>;

var<workgroup> weights: array<f32, TILE_ROWS * WEIGHT_STRIDE>;

/** Adds the values of the tile's keys, weighted by what the threads of a row left in `weights`. */
fn add_values(block: Block, lane: u32, first_key: u32, sums: ptr<function, Outputs>) {
  let first_weight = lane / THREADS_X * ROWS * WEIGHT_STRIDE;
  for (var j = 0u; j < MANY; j++) {
    let key = first_key + j;
    if (j >= TILE_KEYS || key >= block.end_key) { break; }
    let token = Token(block.batch, block.kv_head, key, load_v_at(block.batch, block.kv_head, key));
    for (var e = 0u; e < CHANNELS; e++) {
      let value = load_v(token, min(lane % THREADS_X + e * THREADS_X, V_UNITS - 1u));
      for (var i = 0u; i < ROWS; i++) {
        sums[i][e] = fma(v_fragment(weights[first_weight + i * WEIGHT_STRIDE + j]), value, sums[i][e]);
      }
    }
  }
}

fn store_outputs(block: Block, queries: Queries, lane: u32, sums: Outputs) {
  // Through arrays and rolled loops: code for storing a fragment is long, and once is enough.
  var tokens: Queries;
  var staged: Outputs;
  for (var i = 0u; i < ROWS; i++) {
    tokens[i] = queries[i];
    for (var e = 0u; e < CHANNELS; e++) { staged[i][e] = sums[i][e]; }
  }
  for (var i = 0u; i < MANY; i++) {
    if (i >= ROWS || !is_row(block, lane, i)) { break; }
    let token = tokens[i];
    let at = y_at(token.batch, token.head, token.index);
    for (var e = 0u; e < MANY; e++) {
      let unit = lane % THREADS_X + e * THREADS_X;
      if (unit >= V_UNITS) { break; }
      epilogue(Token(token.batch, token.head, token.index, at), unit, staged[i][e]);
    }
  }
}
