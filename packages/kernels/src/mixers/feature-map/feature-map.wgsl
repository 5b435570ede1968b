// Features of rows [batch, tokens, heads, size], [batch, tokens, heads, features]: a workgroup has a row in its memory, and what the
// slot `map` makes of it. Bytes: x read and y written once, projections from caches.

const THREADS = 64u;
var<workgroup> row: array<f32, SIZE>;
var<workgroup> partial: array<f32, THREADS>;

fn x_at(j: u32) -> f32 { return row[j]; }

fn load_row(at: u32, thread: u32) {
  for (var step = 0u; step < (SIZE + THREADS - 1u) / THREADS; step++) {
    let j = step * THREADS + thread;
    if (j < SIZE) { row[j] = SCALE * x_load(at * SIZE + j); }
  }
  workgroupBarrier();
}

// The largest score of the row. All invocations of a workgroup, at once.
fn row_peak(head: u32, thread: u32) -> f32 {
  var most = LOWEST;
  for (var step = 0u; step < (SCORES + THREADS - 1u) / THREADS; step++) {
    let i = step * THREADS + thread;
    if (i < SCORES) { most = larger(most, map_score(head, i)); }
  }
  partial[thread] = most;
  workgroupBarrier();
  for (var other = 0u; other < THREADS; other++) { most = larger(most, partial[other]); }
  workgroupBarrier();
  return most;
}

// The sum of the row's shares. All invocations of a workgroup, at once.
fn row_total(head: u32, thread: u32, peak: f32) -> f32 {
  var sum = 0.0;
  for (var step = 0u; step < (SCORES + THREADS - 1u) / THREADS; step++) {
    let i = step * THREADS + thread;
    if (i < SCORES) { sum += map_share(head, i, peak); }
  }
  partial[thread] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var other = 0u; other < THREADS; other++) { total += partial[other]; }
  workgroupBarrier();
  return total;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let at = linear_workgroup(id, count);
  if (at >= params.batch * params.tokens * HEADS) { return; }
  let head = at % HEADS;
  load_row(at, thread);
  let peak = peak_of(at / HEADS / params.tokens, head, thread);
  var total = 1.0;
  if (SUMS) { total = row_total(head, thread, peak); }
  for (var step = 0u; step < (FEATURES + THREADS - 1u) / THREADS; step++) {
    let i = step * THREADS + thread;
    if (i < FEATURES) { y_store(at * FEATURES + i, map(head, i, peak, total)); }
  }
}
