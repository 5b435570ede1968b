// The largest score of all tokens of a head, in two dispatches: of each row, then of each head.

@compute @workgroup_size(THREADS)
fn row_peaks(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let at = linear_workgroup(id, count);
  if (at >= params.batch * params.tokens * HEADS) { return; }
  load_row(at, thread);
  let peak = row_peak(at % HEADS, thread);
  if (thread == 0u) { peaks_of_rows_store(at, peak); }
}

@compute @workgroup_size(THREADS)
fn head_peaks(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let line = linear_workgroup(id, count) * THREADS + thread;
  if (line >= params.batch * HEADS) { return; }
  var most = LOWEST;
  for (var token = 0u; token < MANY; token++) {
    if (token >= params.tokens) { break; }
    most = larger(most, peaks_of_rows_load((line / HEADS * params.tokens + token) * HEADS + line % HEADS));
  }
  peaks_store(line, most);
}
