// y_t = sum over delays of weight · x_((t + delay) mod tokens), each batch row with delays of its own; x and y [batch, tokens, channels],
// weights and delays [batch, DELAYS], row-major. An invocation per unit of channels. Bytes: x read for each delay, from caches; y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let row = at / UNITS;
  let batch = row / params.tokens;
  if (batch >= params.batch) { return; }
  let token = row % params.tokens;
  var sum = Value();
  for (var i = 0u; i < DELAYS; i++) {
    let place = batch * DELAYS + i;
    // Each less than the tokens, so that a sum of two stays a u32.
    let source = (token + delays_load(place) % params.tokens) % params.tokens;
    sum += weights_load(place) * x_load((batch * params.tokens + source) * UNITS + at % UNITS);
  }
  y_store(at, sum);
}
