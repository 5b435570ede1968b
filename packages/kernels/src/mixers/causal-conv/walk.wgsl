// A channel token after token, its last TAPS - 1 inputs in registers: one dispatch writes outputs and the state, which may lie where
// the one before does. Bytes: x and states read and written once, weights once for each token, from caches.

@compute @workgroup_size(64)
fn walk(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= sequence_count() * CHANNELS) { return; }
  let sequence = sequence_of(at / CHANNELS);
  let channel = at % CHANNELS;
  var inputs = array<f32, TAPS>();
  for (var i = 0u; i < TAPS - 1u; i++) { inputs[i] = state_before(at * (TAPS - 1u) + i); }
  for (var token = 0u; token < MANY; token++) {
    if (token >= sequence.count) { break; }
    let place = place_of(sequence, channel, token);
    inputs[TAPS - 1u] = x_load(place);
    var sum = bias_of(channel);
    for (var tap = 0u; tap < TAPS; tap++) { sum += weight_load(channel * TAPS + tap) * inputs[tap]; }
    y_store(place, activated(sum));
    for (var i = 0u; i < TAPS - 1u; i++) { inputs[i] = inputs[i + 1u]; }
  }
  for (var i = 0u; i < TAPS - 1u; i++) { keep_state(at * (TAPS - 1u) + i, inputs[i]); }
}
