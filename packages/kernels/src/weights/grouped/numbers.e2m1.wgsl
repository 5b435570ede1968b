// e2m1: 0, 1/2, 1, 3/2, 2, 3, 4, 6, and bit 3 the sign.
fn b_numbers(bytes: u32) -> vec4<f32> {
  let codes = vec4<u32>(bytes) >> vec4<u32>(0u, 8u, 16u, 24u);
  let magnitude = codes & vec4<u32>(7u);
  let normal = bitcast<vec4<f32>>((magnitude << vec4<u32>(22u)) + vec4<u32>(0x3f000000u));
  let size = select(normal, 0.5 * vec4<f32>(magnitude), magnitude < vec4<u32>(2u));
  return select(size, -size, (codes & vec4<u32>(8u)) != vec4<u32>());
}
