// The larger of two, for each of four; NaN where one is: their sum then.
fn larger(a: Value, b: Value) -> Value {
  let rest = vec4<u32>(0x7fffffffu);
  let most = max(bitcast<vec4<u32>>(a) & rest, bitcast<vec4<u32>>(b) & rest);
  return bitcast<Value>(select(bitcast<vec4<u32>>(max(a, b)), bitcast<vec4<u32>>(a + b), most > vec4<u32>(0x7f800000u)));
}
