// What the slot `gates` says of each token of a state's head, once: the logarithm of the decay, the factor of the key, a note.

@compute @workgroup_size(64)
fn gate_tokens(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let row = linear_workgroup(id, count) * 64u + invocation;
  let token = row / VALUE_HEADS;
  if (token >= params.batch * params.keys) { return; }
  let place = Place(token / params.keys, row % VALUE_HEADS, token % params.keys);
  gate_values_store(row, vec4<f32>(gates(place), 0.0));
}
