// y_t = sigmoid(q_t) * sum over s of exp(k_s + w_ts) v_s / sum over s of exp(k_s + w_ts) of every channel; q, k, v and y [batch, tokens,
// channels], w [tokens, tokens], row-major. Bytes: q read and y written once; k and v for each token, from caches; w once for each channel.

fn exponent_at(row: u32, channel: u32, token: u32, other: u32) -> f32 {
  let key = k_load((row * params.tokens + other) * CHANNELS + channel);
  let distance = max(token, other) - min(token, other);
  if (WINDOW > 0u && distance >= WINDOW) { return key; }
  return key + pair_bias(token * params.tokens + other);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.batch * params.tokens * CHANNELS) { return; }
  let channel = at % CHANNELS;
  let token = at / CHANNELS % params.tokens;
  let row = at / CHANNELS / params.tokens;
  let end = select(params.tokens, token + 1u, CAUSAL);
  var peak = exponent_at(row, channel, token, 0u);
  for (var other = 1u; other < MANY; other++) {
    if (other >= end) { break; }
    peak = larger(peak, exponent_at(row, channel, token, other));
  }
  var sum = 0.0;
  var weights = 0.0;
  for (var other = 0u; other < MANY; other++) {
    if (other >= end) { break; }
    let below = exponent_at(row, channel, token, other) - peak;
    let weight = keep_nan(below, exp(max(below, -104.0)));
    weights += weight;
    sum += weight * v_load((row * params.tokens + other) * CHANNELS + channel);
  }
  y_store(at, sigmoid(q_load(at)) * sum / weights);
}
