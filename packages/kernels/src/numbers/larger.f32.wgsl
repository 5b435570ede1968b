// The larger of two; NaN where one is: their sum then.
fn larger(a: Value, b: Value) -> Value {
  let most = max(bitcast<u32>(a) & 0x7fffffffu, bitcast<u32>(b) & 0x7fffffffu);
  return bitcast<Value>(select(bitcast<u32>(max(a, b)), bitcast<u32>(a + b), most > 0x7f800000u));
}
