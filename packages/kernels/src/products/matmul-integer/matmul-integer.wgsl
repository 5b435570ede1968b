// y = (a - zero) (b - zero) in 32-bit integers; a [batches of a, m, K] and b [batches of b, K, N], 8-bit, packed four to a
// word in row-major order; y [batch, m, N] i32. A workgroup of 8 × 8 makes a tile of 32 × 32 from slabs of DEPTH in
// workgroup memory, an invocation 4 × 4 of it. Bytes: a once per 32 columns, b once per 32 rows, y once.

const MANY = 0x3fffffffu;
const TILE = 32u;
const DEPTH = 16u;
const SLABS = (K + DEPTH - 1u) / DEPTH;
var<workgroup> a_slab: array<i32, TILE * DEPTH>;
var<workgroup> b_slab: array<vec4<i32>, DEPTH * TILE / 4u>;

fn byte_of(word: u32, i: u32, is_signed: bool) -> i32 {
  let shift = 8u * (i & 3u);
  if (is_signed) { return extractBits(bitcast<i32>(word), shift, 8u); }
  return i32(extractBits(word, shift, 8u));
}

fn a_element(batch: u32, row: u32, k: u32) -> i32 {
  if (row >= params.m || k >= K) { return 0i; }
  let i = (a_batch(batch) * params.m + row) * K + k;
  return byte_of(a_load(i / 4u), i, A_SIGNED) - a_zero_of(batch, row);
}

fn b_element(batch: u32, k: u32, column: u32) -> i32 {
  if (column >= N || k >= K) { return 0i; }
  let i = (b_batch(batch) * K + k) * N + column;
  return byte_of(b_load(i / 4u), i, B_SIGNED) - b_zero_of(batch, column);
}

// How often a loop runs; with ROLLED compilers cannot know: software adapters take minutes to compile these unrolled.
fn turns(count: u32) -> u32 {
  if (ROLLED) { return count + params.batch / MANY; }
  return count;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(id, count);
  let tiles_m = (params.m + TILE - 1u) / TILE;
  let column = group % TILES_N * TILE;
  let row = group / TILES_N % tiles_m * TILE;
  let batch = group / TILES_N / tiles_m;
  if (batch >= params.batch) { return; }
  let own_row = lane / 8u * 4u;
  let own_quad = lane % 8u;
  var sums: array<vec4<i32>, 4>;
  for (var slab = 0u; slab < MANY; slab++) {
    if (slab >= turns(SLABS)) { break; }
    let start = slab * DEPTH;
    for (var step = 0u; step < MANY; step++) {
      if (step >= turns(TILE * DEPTH / 64u)) { break; }
      let i = step * 64u + lane;
      a_slab[i] = a_element(batch, row + i / DEPTH, start + i % DEPTH);
    }
    for (var step = 0u; step < MANY; step++) {
      if (step >= turns(DEPTH * TILE / 256u)) { break; }
      let i = step * 64u + lane;
      let k = start + i / (TILE / 4u);
      let first = column + i % (TILE / 4u) * 4u;
      b_slab[i] = vec4<i32>(
        b_element(batch, k, first),
        b_element(batch, k, first + 1u),
        b_element(batch, k, first + 2u),
        b_element(batch, k, first + 3u),
      );
    }
    workgroupBarrier();
    for (var k = 0u; k < MANY; k++) {
      if (k >= turns(DEPTH)) { break; }
      let b = b_slab[k * (TILE / 4u) + own_quad];
      for (var i = 0u; i < 4u; i++) { sums[i] += a_slab[(own_row + i) * DEPTH + k] * b; }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let y_row = row + own_row + i;
    if (y_row >= params.m) { break; }
    for (var j = 0u; j < 4u; j++) {
      let y_column = column + own_quad * 4u + j;
      if (y_column < N) { y_store((batch * params.m + y_row) * N + y_column, sums[i][j]); }
    }
  }
}
