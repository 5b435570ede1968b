// e4m3: exponents of bias 7, no infinities; only 0x7f and 0xff are NaN.
fn b_numbers(bytes: u32) -> vec4<f32> {
  let codes = vec4<u32>(bytes) >> vec4<u32>(0u, 8u, 16u, 24u);
  let magnitude = codes & vec4<u32>(127u);
  let normal = (magnitude << vec4<u32>(20u)) + vec4<u32>(0x3c000000u);
  let small = bitcast<vec4<u32>>(vec4<f32>(magnitude) * 0x1p-9f);
  let finite = select(normal, small, magnitude < vec4<u32>(8u));
  let size = select(finite, vec4<u32>(0x7fc00000u), magnitude == vec4<u32>(127u));
  return bitcast<vec4<f32>>(size | ((codes & vec4<u32>(128u)) << vec4<u32>(24u)));
}
