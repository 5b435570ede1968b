// s_t = A s_(t-1) + B u_t, y_t = C s_t + D u_t with dense matrices; u [batch, tokens, inputs], a [states, states], b [states, inputs],
// c [outputs, states], d [outputs, inputs], y [batch, tokens, outputs], row-major. A workgroup has the states of a batch row in its memory
// and walks its tokens. Bytes: u read and y written once, matrices from caches for each token.

const THREADS = 64u;
var<workgroup> state: array<f32, STATES>;
var<workgroup> following: array<f32, STATES>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.batch) { return; }
  for (var step = 0u; step < (STATES + THREADS - 1u) / THREADS; step++) {
    let n = step * THREADS + thread;
    if (n < STATES) { state[n] = state_before(row * STATES + n); }
  }
  workgroupBarrier();
  for (var token = 0u; token < MANY; token++) {
    if (token >= params.tokens) { break; }
    let at = row * params.tokens + token;
    for (var step = 0u; step < (STATES + THREADS - 1u) / THREADS; step++) {
      let n = step * THREADS + thread;
      if (n >= STATES) { break; }
      var sum = 0.0;
      for (var other = 0u; other < STATES; other++) { sum += a_load(n * STATES + other) * state[other]; }
      for (var m = 0u; m < INPUTS; m++) { sum += b_load(n * INPUTS + m) * u_load(at * INPUTS + m); }
      following[n] = sum;
    }
    workgroupBarrier();
    for (var step = 0u; step < (STATES + THREADS - 1u) / THREADS; step++) {
      let n = step * THREADS + thread;
      if (n < STATES) { state[n] = following[n]; }
    }
    for (var step = 0u; step < (OUTPUTS + THREADS - 1u) / THREADS; step++) {
      let p = step * THREADS + thread;
      if (p >= OUTPUTS) { break; }
      var sum = read_state(p);
      for (var m = 0u; m < INPUTS; m++) { sum += passed(p, m) * u_load(at * INPUTS + m); }
      y_store(at * OUTPUTS + p, sum);
    }
    workgroupBarrier();
  }
  for (var step = 0u; step < (STATES + THREADS - 1u) / THREADS; step++) {
    let n = step * THREADS + thread;
    if (n < STATES) { keep_state(row * STATES + n, state[n]); }
  }
}
