// y[t] = bias + Σ weight[tap] · x[t · STRIDE + tap · DILATION - PADDING] along tokens; x [batch, tokens, in_channels], weight
// [window, in_channels, out_channels], y [batch, out_tokens, out_channels], row-major. One invocation per ROWS outputs of one unit of
// channels, which share the weights it reads. Bytes: x and y once and the weights once per ROWS outputs, mostly from cache.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let blocks = (params.out_tokens + ROWS - 1u) / ROWS;
  let unit = at % OUT_UNITS;
  let batch = at / OUT_UNITS / blocks;
  if (batch >= params.batch) { return; }
  let first = at / OUT_UNITS % blocks * ROWS;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let window = select(WINDOW, 0u, params.out_tokens == 0u);
  let units = select(IN_UNITS, 0u, params.out_tokens == 0u);
  var sums: array<Value, ROWS>;
  var parts: array<Value, ROWS>;
  for (var row = 0u; row < ROWS; row++) { sums[row] = Value(0.0); }
  for (var tap = 0u; tap < window; tap++) {
    // A sum per tap: the error grows more slowly with the window.
    for (var row = 0u; row < ROWS; row++) { parts[row] = Value(0.0); }
    for (var c = 0u; c < units; c++) {
      let weights = weights_at((tap * IN_UNITS + c) * IN_WIDTH * OUT_UNITS + unit);
      for (var row = 0u; row < ROWS; row++) {
        // Places before the first token are large as unsigned numbers.
        let token = (first + row) * STRIDE + tap * DILATION - PADDING;
        if (token < params.tokens) {
          parts[row] += product(x_load((batch * params.tokens + token) * IN_UNITS + c), weights);
        }
      }
    }
    for (var row = 0u; row < ROWS; row++) { sums[row] += parts[row]; }
  }
  for (var row = 0u; row < ROWS; row++) {
    if (first + row < params.out_tokens) {
      y_store((batch * params.out_tokens + first + row) * OUT_UNITS + unit, sums[row] + bias_at(unit));
    }
  }
}
