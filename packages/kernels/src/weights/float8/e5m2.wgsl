// e5m2: exponents of bias 15, and infinities and NaNs like f16.
fn b_numbers(bytes: u32) -> vec4<f32> {
  let codes = vec4<u32>(bytes) >> vec4<u32>(0u, 8u, 16u, 24u);
  let magnitude = codes & vec4<u32>(127u);
  let normal = (magnitude << vec4<u32>(21u)) + vec4<u32>(0x38000000u);
  let small = bitcast<vec4<u32>>(vec4<f32>(magnitude) * 0x1p-16f);
  let finite = select(normal, small, magnitude < vec4<u32>(4u));
  let beyond = vec4<u32>(0x7f800000u) | ((magnitude & vec4<u32>(3u)) << vec4<u32>(21u));
  let size = select(finite, beyond, magnitude >= vec4<u32>(124u));
  return bitcast<vec4<f32>>(size | ((codes & vec4<u32>(128u)) << vec4<u32>(24u)));
}
