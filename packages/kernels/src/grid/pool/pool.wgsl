// y = maximum, mean or weighted sum of the tokens in a window around each place of a grid; x [batch, tokens, heads, head_size]
// and y [batch, out_tokens, heads, head_size] in any order of rows. One invocation per unit of channels of an output.
// Bytes: x once per window that has it (neighbours read the rest from cache), y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let unit = at % UNITS;
  let head = at / UNITS % HEADS;
  let token = at / (UNITS * HEADS) % OUT_TOKENS;
  let batch = at / (UNITS * HEADS) / OUT_TOKENS;
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let window = select(WINDOW, vec3<u32>(0u), params.batch == 0u);
  if (batch >= params.batch) { return; }
  let place = vec3<u32>(token / OUTPUTS.z / OUTPUTS.y, token / OUTPUTS.z % OUTPUTS.y, token % OUTPUTS.z);
  let first = vec3<i32>(place * STRIDE) - PADDING;
  // Sums of 16 added up: the error grows with the square root of the window.
  var result = Value(0.0);
  var part = Value(0.0);
  var met = 0u;
  for (var i = 0u; i < window.x; i++) {
    for (var j = 0u; j < window.y; j++) {
      for (var k = 0u; k < window.z; k++) {
        let tap = vec3<u32>(i, j, k);
        let source = vec3<u32>(on_grid(first + vec3<i32>(tap * DILATION)));
        // Places before the grid are large as unsigned numbers.
        if (any(source >= SIZES)) { continue; }
        let x = x_load(x_at(batch, head, (source.x * SIZES.y + source.y) * SIZES.z + source.z) + unit);
        if (MAXIMUM) { result = select(larger(result, x), x, met == 0u); }
        else { part += weighted(x, (i * WINDOW.y + j) * WINDOW.z + k, head, unit); }
        met++;
        if (met % 16u == 0u) {
          result += part;
          part = Value(0.0);
        }
      }
    }
  }
  result += part;
  if (MEAN) { result /= f32(select(max(met, 1u), WINDOW.x * WINDOW.y * WINDOW.z, COUNT_PADDING)); }
  y_store(y_at(batch, head, token) + unit, result);
}

fn on_grid(place: vec3<i32>) -> vec3<i32> {
  if (!REFLECT) { return place; }
  let last = vec3<i32>(SIZES) - 1;
  return last - abs(last - abs(place));
}
