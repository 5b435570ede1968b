// Rounds the activation to int8 with one step a row: a_codes [rows, K_BLOCKS] of 32 codes, a_blocks the same of (step, sum of codes,
// what observe_a saw). A workgroup a row, which it reads twice; all is exact but the quotient, whose code is set right.

var<workgroup> largest_of_lane: array<u32, 64>;

@compute @workgroup_size(64)
fn quantize(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= row_count()) { return; }

  // By their bits NaN and infinity are larger than all numbers.
  var largest = 0u;
  for (var turn = 0u; turn < (K_BLOCKS + 63u) / 64u; turn++) {
    let block = turn * 64u + lane;
    if (block < K_BLOCKS) {
      for (var q = 0u; q < 8u; q++) {
        let bits = bitcast<vec4<u32>>(load_a(row, block * 8u + q, a_quad(row, block * 8u + q))) & vec4<u32>(0x7fffffffu);
        largest = max(largest, max(max(bits.x, bits.y), max(bits.z, bits.w)));
      }
    }
  }
  largest_of_lane[lane] = largest;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (lane < half) { largest_of_lane[lane] = max(largest_of_lane[lane], largest_of_lane[lane + half]); }
    workgroupBarrier();
  }

  let bits = largest_of_lane[0];
  // Of NaN and infinity the step is NaN, and so is every product of the row.
  let is_finite = bits < 0x7f800000u;
  let step = bitcast<f32>(select(bits | 0x7fc00000u, bitcast<u32>(step_of(bitcast<f32>(bits))), is_finite));
  for (var turn = 0u; turn < (K_BLOCKS + 63u) / 64u; turn++) {
    let block = turn * 64u + lane;
    if (block < K_BLOCKS) {
      let index = row * K_BLOCKS + block;
      var total = 0;
      var seen = vec2<f32>();
      for (var q = 0u; q < 8u; q++) {
        let v = a_quad(row, block * 8u + q);
        if (OBSERVE) { seen += observe_a(v); }
        var codes = vec4<i32>();
        if (is_finite && step > 0.0) { codes = codes_of(load_a(row, block * 8u + q, v), step); }
        let bytes = bitcast<vec4<u32>>(codes & vec4<i32>(255)) << vec4<u32>(0u, 8u, 16u, 24u);
        a_codes_store(8u * index + q, bytes.x | bytes.y | bytes.z | bytes.w);
        total += codes.x + codes.y + codes.z + codes.w;
      }
      a_blocks_store(index, vec4<f32>(step, f32(total), seen));
    }
  }
}
