// Steps and codes of int8 activations.

// largest / 127, rounded up to 8 significant bits; zero for next to nothing.
fn step_of(largest: f32) -> f32 {
  if (largest < 0x1p-100f) { return 0.0; }
  return bitcast<f32>((bitcast<u32>(largest * f32(1.0 / 127.0)) + 0xffffu) & 0xffff0000u);
}

// ⌊v / step + ½⌋. The quotient may be off by a few ULP and so its code by one; code · step and what is left are exact.
fn codes_of(v: vec4<f32>, step: f32) -> vec4<i32> {
  let guess = floor(v / step + 0.5);
  let rest = v - guess * step;
  let up = select(vec4<f32>(), vec4<f32>(1.0), rest >= vec4<f32>(0.5 * step));
  let down = select(vec4<f32>(), vec4<f32>(1.0), rest < vec4<f32>(-0.5 * step));
  return vec4<i32>(guess + up - down);
}
