// y_i = sum over j of e^bias_(j - i) (q_i . k_j) v_j, over the sum of those weights and epsilon, q and k through a feature map; q [batch,
// tokens, heads, key_size], k [batch, keys, key_heads, key_size], v [batch, keys, key_heads, value_size], bias [bias_heads, span],
// row-major. Bytes: q read and y written once; k, v and biases for each token, from caches.

fn weight_at(row: u32, token: u32, head: u32, other: u32) -> f32 {
  let query = ((row * params.tokens + token) * HEADS + head) * KEY_SIZE;
  let key = ((row * params.keys + other) * KEY_HEADS + head * KEY_HEADS / HEADS) * KEY_SIZE;
  var sum = 0.0;
  for (var i = 0u; i < KEY_SIZE; i++) {
    sum += feature_map(FEATURE_SCALE * q_load(query + i)) * feature_map(FEATURE_SCALE * k_load(key + i));
  }
  return sum * power(bias_load(head * BIAS_HEADS / HEADS * SPAN + other + SPAN / 2u - token));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.batch * params.tokens * HEADS * VALUE_SIZE) { return; }
  let column = at % VALUE_SIZE;
  let head = at / VALUE_SIZE % HEADS;
  let token = at / VALUE_SIZE / HEADS % params.tokens;
  let row = at / VALUE_SIZE / HEADS / params.tokens;
  var sum = 0.0;
  var weights = 0.0;
  for (var other = 0u; other < MANY; other++) {
    if (other >= min(params.keys, select(params.keys, token + 1u, CAUSAL))) { break; }
    let weight = weight_at(row, token, head, other);
    weights += weight;
    sum += weight * v_load(((row * params.keys + other) * KEY_HEADS + head * KEY_HEADS / HEADS) * VALUE_SIZE + column);
  }
  y_store(at, select(sum, sum / (weights + EPSILON), NORMALIZES));
}
