// Rounds the activation to int8: a_codes [rows, K_BLOCKS] of 32 codes, a_blocks the same of (step, sum of codes, what
// observe_a saw). Everything is exact but the quotient, and its code is set right: the same codes on every device.

@compute @workgroup_size(64)
fn quantize(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * 64u + lane;
  let row = index / K_BLOCKS;
  let block = index % K_BLOCKS;
  if (row >= row_count()) { return; }

  var largest = vec4<f32>();
  var seen = vec2<f32>();
  var met_nan = vec4<bool>();
  for (var q = 0u; q < 8u; q++) {
    let v = a_quad(row, block * 8u + q);
    if (OBSERVE) { seen += observe_a(v); }
    let magnitude = abs(load_a(row, block * 8u + q, v));
    largest = max(largest, magnitude);
    met_nan = met_nan | ((bitcast<vec4<u32>>(magnitude) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u));
  }
  let bits = bitcast<u32>(max(max(largest.x, largest.y), max(largest.z, largest.w)));
  // Of NaN and infinity the step is NaN, and so is every product.
  let is_finite = !any(met_nan) && bits < 0x7f800000u;
  let step = bitcast<f32>(select(bits | 0x7fc00000u, bitcast<u32>(step_of(bitcast<f32>(bits))), is_finite));
  var total = 0;
  for (var q = 0u; q < 8u; q++) {
    var codes = vec4<i32>();
    if (is_finite && step > 0.0) { codes = codes_of(load_a(row, block * 8u + q, a_quad(row, block * 8u + q)), step); }
    let bytes = bitcast<vec4<u32>>(codes & vec4<i32>(255)) << vec4<u32>(0u, 8u, 16u, 24u);
    a_codes_store(8u * index + q, bytes.x | bytes.y | bytes.z | bytes.w);
    total += codes.x + codes.y + codes.z + codes.w;
  }
  a_blocks_store(index, vec4<f32>(step, f32(total), seen));
}
