// y = epilogue(a · bᵀ) with a rounded to int8: every invocation holds TILE_M rows by 4 columns of y, and adds up 32
// columns of K at a time by packed dot products of codes with codes. b [n, k] of 8 or 4 bits by group.
// Bytes: a's codes once per tile of columns, b once per tile of rows, y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = linear_workgroup(id, count);
  let first_row = (tile / TILES_N) * TILE_M;
  let column = ((tile % TILES_N) * WORKGROUP + lane) * 4u;
  let rows = row_count();
  if (first_row >= rows) { return; }

  var sum: array<vec4<f32>, TILE_M>;
  var seen: array<vec2<f32>, TILE_M>;
  var products: array<vec4<i32>, TILE_M>;
  for (var block = 0u; block < K_BLOCKS; block++) {
    let b0 = load_b(weight_row(0u, column), block);
    let b1 = load_b(weight_row(0u, column + 1u), block);
    let b2 = load_b(weight_row(0u, column + 2u), block);
    let b3 = load_b(weight_row(0u, column + 3u), block);
    let scale = vec4<f32>(b0.scaling.x, b1.scaling.x, b2.scaling.x, b3.scaling.x);
    let zero = vec4<f32>(b0.scaling.y, b1.scaling.y, b2.scaling.y, b3.scaling.y) + f32(CODE_OFFSET) * scale;
    for (var r = 0u; r < TILE_M; r++) { products[r] = vec4<i32>(); }
    for (var q = 0u; q < 8u; q++) {
      let weights = vec4<u32>(load_b_codes(b0, q), load_b_codes(b1, q), load_b_codes(b2, q), load_b_codes(b3, q));
      for (var r = 0u; r < TILE_M; r++) {
        let codes = a_codes_load((min(first_row + r, rows - 1u) * K_BLOCKS + block) * 8u + q);
        products[r] += dot_codes(codes, weights);
      }
    }
    for (var r = 0u; r < TILE_M; r++) {
      let a = a_blocks_load(min(first_row + r, rows - 1u) * K_BLOCKS + block);
      sum[r] += a.x * fma(vec4<f32>(products[r]), scale, a.y * zero);
      if (OBSERVE) { seen[r] += a.zw; }
    }
  }
  for (var r = 0u; r < TILE_M; r++) {
    if (first_row + r < rows && column < N) {
      finish(0u, first_row + r, column, array<vec4<f32>, PARTS>(sum[r]), seen[r]);
    }
  }
}

fn dot_codes(a: u32, b: vec4<u32>) -> vec4<i32> {
  return vec4<i32>(dot4(a, b.x), dot4(a, b.y), dot4(a, b.z), dot4(a, b.w));
}
