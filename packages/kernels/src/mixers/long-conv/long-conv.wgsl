// y_t = sum over taps of h_tap x_(t - tap + CENTRE) + skip x_t of every channel, along one or two axes; x and y [batch, rows, columns,
// channels], h [TAP_ROWS, TAPS, channels], row-major; what lies outside is 0. Bytes: x read and y written once; x and h for each pair of
// a tap and an element, from caches.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * 64u + lane;
  if (at >= params.batch * params.rows * params.columns * CHANNELS) { return; }
  let channel = at % CHANNELS;
  let column = at / CHANNELS % params.columns;
  let row = at / CHANNELS / params.columns % params.rows;
  let first = at / CHANNELS / params.columns / params.rows * params.rows;
  // Taps beyond what lies before an element read nothing.
  let from_tap = u32(max(i32(column + CENTRE) - i32(params.columns - 1u), 0i));
  let end_tap = min(TAPS, column + CENTRE + 1u);
  var sum = skip_of(channel) * x_load(at);
  for (var tap_row = 0u; tap_row < MANY; tap_row++) {
    if (tap_row >= min(TAP_ROWS, row + 1u)) { break; }
    let line = (first + row - tap_row) * params.columns;
    for (var turn = 0u; turn < MANY; turn++) {
      let tap = from_tap + turn;
      if (tap >= end_tap) { break; }
      sum += h_load((tap_row * TAPS + tap) * CHANNELS + channel)
        * x_load((line + column + CENTRE - tap) * CHANNELS + channel);
    }
  }
  y_store(at, sum);
}
