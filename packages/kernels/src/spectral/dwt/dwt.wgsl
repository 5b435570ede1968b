// One level of a wavelet transform of rows, periodised: low_o = sum over taps j of lowpass_j x[(2 o + TAPS / 2 - j) mod n], high likewise; x
// [rows, length], low and high [rows, half], row-major; of an odd length the last value counts twice. Bytes: x read and both written once,
// taps from caches.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.rows * params.half) { return; }
  let row = at / params.half * params.length;
  let even = i32(2u * params.half);
  let centre = i32(2u * (at % params.half) + TAPS / 2u);
  var low = 0.0;
  var high = 0.0;
  for (var j = 0i; j < i32(TAPS); j++) {
    // The filter may go round more than once.
    let place = u32(((centre - j) % even + even) % even);
    let value = x_load(row + min(place, params.length - 1u));
    low += lowpass_load(u32(j)) * value;
    high += highpass_load(u32(j)) * value;
  }
  low_store(at, low);
  high_store(at, high);
}
