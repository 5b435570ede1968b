// y = epilogue(a · bᵀ), b block-sparse. A workgroup owns LANES_N quads of columns, all of one row of blocks where blocks are
// higher than one row, of TILE_M rows of y; its other lanes, LANES_B for each quad, divide the blocks of the row among them, so
// a full row costs each lane as little as may be. What lanes have summed is added in the end.
// a [rows, k]; b [n, k] in blocks of BLOCK_HEIGHT by BLOCK_WIDTH: pointers, perhaps scales, columns, values (see format.ts);
// y [rows, n]. Bytes: what b stores once per tile of rows, of a a quad or a number per stored block and tile, y once.

const FETCHES = max(1u, TILE_M / SHARE);

// Where a share of the blocks of a row begins and ends.
fn block_span(row: u32, split: u32) -> vec2<u32> {
  let first = b_word(row);
  let count = b_word(row + 1u) - first;
  return vec2<u32>(first + count * split / SPLITS, first + count * (split + 1u) / SPLITS);
}

// A block's number in its row of blocks.
fn block_column(block: u32) -> u32 {
  if (SHORT_INDEX) { return (b_word(B_COLUMNS + block / 2u) >> (16u * (block & 1u))) & 0xffffu; }
  return b_word(B_COLUMNS + block);
}

// Values begin behind the columns, as many as the last pointer says, at a whole vec4 of words.
fn values_start() -> u32 {
  let blocks = b_word(BLOCK_ROWS);
  return (B_COLUMNS + select(blocks, (blocks + 1u) / 2u, SHORT_INDEX) + 3u) / 4u * 4u;
}

fn sparse_tile(group: u32, lane: u32) {
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let first_row = (tile / TILES_N) * TILE_M;
  let first_column = (tile % TILES_N) * LANES_N * 4u;
  let column = first_column + 4u * (lane % LANES_N);
  let lane_b = lane / LANES_N;
  let rows = row_count();
  if (first_row >= rows) { return; }

  // Each of SHARE lanes reads other rows of a, where they can give them to each other.
  var row: array<u32, FETCHES>;
  for (var f = 0u; f < FETCHES; f++) { row[f] = min(first_row + f * SHARE + lane % SHARE, rows - 1u); }
  var sum: array<vec4<f32>, TILE_M>;
  for (var r = 0u; r < TILE_M; r++) { sum[r] = vec4<f32>(); }
  block_sums(first_column, column, split, lane, &row, &sum);

  let scale = column_scales(column);
  for (var r = 0u; r < TILE_M; r++) {
    let y_row = min(first_row + r, rows - 1u);
    // Row state is of the whole row of a, whatever blocks are stored.
    var seen = vec2<f32>();
    if (OBSERVE && split == 0u) {
      for (var step = 0u; step < OBSERVE_STEPS; step++) {
        let quad = step * LANES_B + lane_b;
        if (quad >= K_QUADS) { break; }
        seen += observe_a(a_quad(a_row(y_row), quad));
      }
    }
    let total = array<vec4<f32>, PARTS>(add_lanes(sum[r], lane) * scale);
    if (OBSERVE) { seen = add_lanes(vec4<f32>(seen, 0.0, 0.0), lane).xy; }
    if (r % LANES_B == lane_b && first_row + r < rows && column < N) { finish(split, y_row, column, total, seen); }
  }
}
