// The inverse of a level of a wavelet transform: x[(2 o + j - TAPS / 2 + 1) mod n] is the sum of lowpass_j low_o + highpass_j high_o over all o
// and j; low and high [rows, half], x [rows, 2 half], row-major. Bytes: both halves read and x written once, taps from caches.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  let length = 2u * params.half;
  if (at >= params.rows * length) { return; }
  let row = at / length * params.half;
  let half = i32(params.half);
  // Taps j of one parity: 2 o = shifted - j, up to turns.
  let shifted = i32(at % length + TAPS / 2u - 1u);
  var sum = 0.0;
  for (var turn = 0i; turn < i32(TAPS) / 2; turn++) {
    let j = 2 * turn + shifted % 2;
    let o = u32((((shifted - j) / 2) % half + half) % half);
    sum += lowpass_load(u32(j)) * low_load(row + o) + highpass_load(u32(j)) * high_load(row + o);
  }
  x_store(at, sum);
}
