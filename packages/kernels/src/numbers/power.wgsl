// The result, or `x` where that is NaN, by its bits: WGSL promises nothing of NaN, and an adapter's exp of it is infinite.
fn keep_nan(x: f32, result: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>(select(bitcast<u32>(result), bits, (bits & 0x7fffffffu) > 0x7f800000u));
}

fn power(x: f32) -> f32 { return keep_nan(x, exp(x)); }
fn logarithm(x: f32) -> f32 { return keep_nan(x, log(x)); }
