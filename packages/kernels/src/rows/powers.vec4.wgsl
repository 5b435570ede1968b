// `power` and `logarithm` of four.
fn powers(v: Value) -> Value { return with_nan_of(v, exp(v)); }
fn logarithms(v: Value) -> Value { return with_nan_of(v, log(v)); }

fn with_nan_of(v: Value, result: Value) -> Value {
  let bits = bitcast<vec4<u32>>(v);
  let is_nan = (bits & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
  return bitcast<vec4<f32>>(select(bitcast<vec4<u32>>(result), bits, is_nan));
}
