// y = epilogue(a · bᵀ) for many rows on GPUs: a workgroup of LANES_M by LANES_N invocations holds a tile of y, each TILE_M rows
// by 4·TILE_QUADS columns (of each of PARTS products) in registers, and walks along K block by block through workgroup memory.
// a [rows, k], b [PARTS · n, k] in any layout, decoded once per tile, y [rows, n].
// Bytes: a once per tile of columns, b once per tile of rows, y once.

const LANES = LANES_M * LANES_N;
const ROWS = LANES_M * TILE_M;
const COLUMN_QUADS = PARTS * TILE_QUADS;
const COLUMNS = 4u * LANES_N * COLUMN_QUADS;
const A_STRIDE = ROWS + PAD;
const B_STRIDE = COLUMNS + PAD;
const A_READS = (ROWS * BLOCK_QUADS + LANES - 1u) / LANES;
const B_READS = (COLUMNS * BLOCK_QUADS / B_RUN + LANES - 1u) / LANES;

// By quad of K, then row or column: a lane's neighbours read its neighbours' values. The four columns of a quad lie apart
// by a quarter of the tile for the same reason.
var<workgroup> a_tile: array<vec4<f32>, A_STRIDE * BLOCK_QUADS>;
var<workgroup> b_tile: array<vec4<f32>, B_STRIDE * BLOCK_QUADS>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(id, count);
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let span = tile_rows(tile / TILES_N, ROWS);
  let first_row = span.x;
  let first_column = (tile % TILES_N) * (4u * LANES_N * TILE_QUADS);
  let rows = span.y;
  if (first_row >= rows) { return; }
  let lane_m = lane / LANES_N;
  let lane_n = lane % LANES_N;

  var sum: array<array<vec4<f32>, COLUMN_QUADS>, TILE_M>;
  var seen: array<vec2<f32>, A_READS>;
  for (var step = 0u; step < SPLIT_BLOCKS; step++) {
    let block = split * SPLIT_BLOCKS + step;
    if (K_BLOCKS % SPLITS != 0u && block >= K_BLOCKS) { break; }
    for (var i = 0u; i < A_READS; i++) {
      let at = i * LANES + lane;
      let row = at / BLOCK_QUADS;
      let q = at % BLOCK_QUADS;
      if (A_READS * LANES > ROWS * BLOCK_QUADS && row >= ROWS) { break; }
      let global_row = min(first_row + row, rows - 1u);
      let quad = block * BLOCK_QUADS + q;
      let v = a_quad(a_row(global_row), quad);
      a_tile[q * A_STRIDE + row] = load_a(global_row, quad, v);
      if (OBSERVE) { seen[i] += observe_a(v); }
    }
    for (var i = 0u; i < B_READS; i++) {
      let at = (i * LANES + lane) * B_RUN;
      let column = at / BLOCK_QUADS;
      let first = at % BLOCK_QUADS;
      if (B_READS * LANES * B_RUN > COLUMNS * BLOCK_QUADS && column >= COLUMNS) { break; }
      let part = column / (COLUMNS / PARTS);
      let weights = b_block(tile_weight_row(first_row, part, first_column + column % (COLUMNS / PARTS)), block);
      let place = (column % 4u) * (COLUMNS / 4u) + column / 4u;
      for (var q = 0u; q < B_RUN; q++) { b_tile[(first + q) * B_STRIDE + place] = b_quad(weights, first + q); }
    }
    workgroupBarrier();
    for (var q = 0u; q < BLOCK_QUADS; q++) {
      var a: array<vec4<f32>, TILE_M>;
      for (var r = 0u; r < TILE_M; r++) { a[r] = a_tile[q * A_STRIDE + r * LANES_M + lane_m]; }
      for (var c = 0u; c < COLUMN_QUADS; c++) {
        let at = q * B_STRIDE + c * LANES_N + lane_n;
        let b0 = b_tile[at];
        let b1 = b_tile[at + COLUMNS / 4u];
        let b2 = b_tile[at + COLUMNS / 2u];
        let b3 = b_tile[at + 3u * COLUMNS / 4u];
        for (var r = 0u; r < TILE_M; r++) {
          sum[r][c] += vec4<f32>(dot(a[r], b0), dot(a[r], b1), dot(a[r], b2), dot(a[r], b3));
        }
      }
    }
    workgroupBarrier();
  }

  if (OBSERVE) {
    for (var i = 0u; i < A_READS; i++) {
      let at = i * LANES + lane;
      if (at < ROWS * BLOCK_QUADS) { a_tile[at] = vec4<f32>(seen[i], 0.0, 0.0); }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < TILE_M; r++) {
    let row = r * LANES_M + lane_m;
    var row_seen = vec2<f32>();
    if (OBSERVE) {
      for (var q = 0u; q < BLOCK_QUADS; q++) { row_seen += a_tile[row * BLOCK_QUADS + q].xy; }
    }
    for (var c = 0u; c < TILE_QUADS; c++) {
      let column = first_column + 4u * (c * LANES_N + lane_n);
      var v: array<vec4<f32>, PARTS>;
      for (var p = 0u; p < PARTS; p++) { v[p] = sum[r][p * TILE_QUADS + c]; }
      if (first_row + row < rows && column < N) { finish(split, first_row + row, column, v, row_seen); }
    }
  }
}
