// The sum of four products of int8 codes, taken apart by hand.
fn dot4(a: u32, b: u32) -> i32 {
  let up = vec4<u32>(24u, 16u, 8u, 0u);
  let products = (bitcast<vec4<i32>>(vec4<u32>(a) << up) >> vec4<u32>(24u)) * (bitcast<vec4<i32>>(vec4<u32>(b) << up) >> vec4<u32>(24u));
  return products.x + products.y + products.z + products.w;
}
