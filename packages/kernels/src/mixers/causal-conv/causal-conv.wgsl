// y_t = activation(bias + sum over j of weight_j x_(t - TAPS + 1 + j)) of every channel; what is before the first token comes from a
// state of the last TAPS - 1 inputs, [batch, channels, TAPS - 1]. x and y [batch, channels, tokens], or [batch, tokens, channels] where
// CHANNELS_LAST; weight [channels, TAPS]. Bytes: x read and y written once; x again from caches for each tap.

// An input; `ahead` counts from TAPS - 1 tokens before the first.
fn input_at(sequence: Sequence, channel: u32, ahead: u32) -> f32 {
  if (ahead >= TAPS - 1u) { return x_load(place_of(sequence, channel, ahead - (TAPS - 1u))); }
  return state_before((sequence.number * CHANNELS + channel) * (TAPS - 1u) + ahead);
}

@compute @workgroup_size(64)
fn convolve(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let batch = at / (params.tokens * CHANNELS);
  if (batch >= params.batch) { return; }
  let within = at % (params.tokens * CHANNELS);
  let channel = select(within / params.tokens, within % CHANNELS, CHANNELS_LAST);
  let token = select(within % params.tokens, within / CHANNELS, CHANNELS_LAST);
  let sequence = sequence_of(sequence_holding(batch, token));
  var sum = bias_of(channel);
  for (var tap = 0u; tap < TAPS; tap++) {
    sum += weight_load(channel * TAPS + tap) * input_at(sequence, channel, token - sequence.first + tap);
  }
  y_store(at, activated(sum));
}

// The state after the last token: of each channel one after the other, so that it may lie where the one before does.
@compute @workgroup_size(64)
fn keep(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= sequence_count() * CHANNELS) { return; }
  let sequence = sequence_of(at / CHANNELS);
  for (var i = 0u; i < TAPS - 1u; i++) {
    keep_state(at * (TAPS - 1u) + i, input_at(sequence, at % CHANNELS, sequence.count + i));
  }
}
