// y = epilogue(a · bᵀ): every invocation holds TILE_M rows by 4·TILE_QUADS columns of y in registers (of each of PARTS
// products) and walks along K. a [rows, k], b [PARTS · n, k] in any layout, y [rows, n]. Lanes lie along columns, so a
// tile's rows of a are the same for all of them: where lanes can exchange values, SHARE of them divide the reading of a.
// No workgroup memory, no barrier. Bytes: a once per tile of columns, b once per tile of rows, y once.

const COLUMNS = PARTS * TILE_QUADS;
// One read of a by SHARE lanes gives FETCH_QUADS quads of TILE_M rows, or it takes FETCHES reads for one quad.
const FETCHES = max(1u, TILE_M / SHARE);
const FETCH_QUADS = max(1u, SHARE / TILE_M);

fn thread_tile(group: u32, lane: u32, share: u32) {
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let span = tile_rows(tile / TILES_N, TILE_M);
  let first_row = span.x;
  let first_column = ((tile % TILES_N) * WORKGROUP + lane) * (4u * TILE_QUADS);
  let rows = span.y;
  if (first_row >= rows) { return; }

  var sum: array<array<vec4<f32>, COLUMNS>, TILE_M>;
  var seen: array<vec2<f32>, FETCHES>;
  var row: array<u32, FETCHES>;
  var place: array<u32, FETCHES>;
  for (var f = 0u; f < FETCHES; f++) {
    row[f] = min(first_row + (f * SHARE + share) % TILE_M, rows - 1u);
    place[f] = a_row(row[f]);
  }
  var weight: array<u32, 4u * COLUMNS>;
  for (var c = 0u; c < 4u * COLUMNS; c++) {
    weight[c] = tile_weight_row(first_row, c / (4u * TILE_QUADS), first_column + c % (4u * TILE_QUADS));
  }
  for (var step = 0u; step < SPLIT_BLOCKS; step++) {
    let block = split * SPLIT_BLOCKS + step;
    if (K_BLOCKS % SPLITS != 0u && block >= K_BLOCKS) { break; }
    var b: array<LoadB, 4u * COLUMNS>;
    for (var c = 0u; c < 4u * COLUMNS; c++) { b[c] = b_block(weight[c], block); }
    for (var fetch = 0u; fetch < BLOCK_QUADS / FETCH_QUADS; fetch++) {
      let first_quad = fetch * FETCH_QUADS;
      var held: array<vec4<f32>, FETCHES>;
      for (var f = 0u; f < FETCHES; f++) {
        let quad = block * BLOCK_QUADS + first_quad + (f * SHARE + share) / TILE_M;
        let v = a_quad(place[f], quad);
        held[f] = load_a(row[f], quad, v);
        if (OBSERVE) { seen[f] += observe_a(v); }
      }
      for (var i = 0u; i < FETCH_QUADS; i++) {
        let q = first_quad + i;
        if (TILE_M <= DOT_ROWS) {
          for (var r = 0u; r < TILE_M; r++) {
            let v = from_lane(held[r / SHARE], (i * TILE_M + r) % SHARE);
            for (var c = 0u; c < COLUMNS; c++) {
              sum[r][c] += vec4<f32>(
                b_dot(b[4u * c], q, v),
                b_dot(b[4u * c + 1u], q, v),
                b_dot(b[4u * c + 2u], q, v),
                b_dot(b[4u * c + 3u], q, v),
              );
            }
          }
        } else {
          var w: array<mat4x4<f32>, COLUMNS>;
          for (var c = 0u; c < COLUMNS; c++) {
            w[c] = b_columns(b[4u * c], b[4u * c + 1u], b[4u * c + 2u], b[4u * c + 3u], q);
          }
          for (var r = 0u; r < TILE_M; r++) {
            let v = from_lane(held[r / SHARE], (i * TILE_M + r) % SHARE);
            for (var c = 0u; c < COLUMNS; c++) {
              let x = fma(vec4<f32>(v.x), w[c][0], sum[r][c]);
              let xy = fma(vec4<f32>(v.y), w[c][1], x);
              let xyz = fma(vec4<f32>(v.z), w[c][2], xy);
              sum[r][c] = fma(vec4<f32>(v.w), w[c][3], xyz);
            }
          }
        }
      }
    }
  }
  for (var r = 0u; r < TILE_M; r++) {
    let row_seen = tile_row_seen(r, &seen);
    for (var c = 0u; c < TILE_QUADS; c++) {
      let column = first_column + 4u * c;
      var v: array<vec4<f32>, PARTS>;
      for (var p = 0u; p < PARTS; p++) { v[p] = sum[r][p * TILE_QUADS + c]; }
      if (first_row + r < rows && column < N) { finish(split, first_row + r, column, v, row_seen); }
    }
  }
}

// What was seen of a row: the sum over the lanes that read parts of it.
fn tile_row_seen(r: u32, seen: ptr<function, array<vec2<f32>, FETCHES>>) -> vec2<f32> {
  var sum = vec2<f32>();
  if (!OBSERVE) { return sum; }
  for (var i = 0u; i < FETCH_QUADS; i++) {
    sum += from_lane(vec4<f32>((*seen)[r / SHARE], 0.0, 0.0), (i * TILE_M + r) % SHARE).xy;
  }
  return sum;
}
