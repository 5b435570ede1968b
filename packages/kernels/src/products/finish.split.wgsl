// What is known of a quad after a share of K is kept in `partial`, [SPLITS, rows, PARTS · N_QUADS and perhaps one], and a
// second dispatch adds the shares in order: deterministic, and enough workgroups where rows and columns are few.

const PARTIAL_QUADS = PARTS * N_QUADS + u32(OBSERVE);

fn finish(split: u32, row: u32, column: u32, v: array<vec4<f32>, PARTS>, seen: vec2<f32>) {
  let at = (split * row_count() + row) * PARTIAL_QUADS;
  for (var p = 0u; p < PARTS; p++) { partial_store(at + p * N_QUADS + column / 4u, v[p]); }
  if (OBSERVE && column == 0u) { partial_store(at + PARTS * N_QUADS, vec4<f32>(seen, 0.0, 0.0)); }
}

@compute @workgroup_size(64)
fn combine(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * 64u + lane;
  let row = index / N_QUADS;
  let quad = index % N_QUADS;
  if (row >= row_count()) { return; }
  var sum: array<vec4<f32>, PARTS>;
  var seen = vec2<f32>();
  for (var split = 0u; split < SPLITS; split++) {
    let at = (split * row_count() + row) * PARTIAL_QUADS;
    for (var p = 0u; p < PARTS; p++) { sum[p] += partial_load(at + p * N_QUADS + quad); }
    if (OBSERVE) { seen += partial_load(at + PARTS * N_QUADS).xy; }
  }
  epilogue(row, 4u * quad, result(sum, observe_a_finish(seen)));
}
