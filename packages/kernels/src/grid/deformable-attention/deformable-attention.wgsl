// y = Σ softmax(weights)_p · value(location p) per query and head, over the points on all levels; value [batch, tokens, heads,
// head_size] sampled bilinearly or at the pixel that holds the point, zero outside; locations [batch, queries, heads, points]
// of (x, y) from 0 to 1, weights the same without the pair. One invocation per EACH units of channels of a query's head.
// Bytes: up to four rows of value per point, y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let first = at % CHUNKS * EACH;
  let row = at / CHUNKS;
  let head = row % HEADS;
  let batch = row / HEADS / params.queries;
  if (batch >= params.batch) { return; }
  // Bounds that compilers cannot see through: unrolling these loops costs seconds of compilation and gains nothing.
  let levels = select(LEVELS, 0u, params.queries == 0u);
  let corners = select(CORNERS, 0u, params.queries == 0u);

  var largest = weights_load(row * POINTS);
  for (var p = 1u; p < POINTS; p++) { largest = max(largest, weights_load(row * POINTS + p)); }
  var sums: array<Value, EACH>;
  for (var u = 0u; u < EACH; u++) { sums[u] = Value(0.0); }
  var total = 0.0;
  var point = row * POINTS;
  for (var level = 0u; level < levels; level++) {
    let size = level_size(level);
    let tokens = batch * TOKENS + level_start(level);
    let points = level_points(level);
    for (var p = 0u; p < points; p++) {
      var share = weights_load(point);
      if (!NORMALISED) { share = keep_nan(share, exp(max(share - largest, -104.0))); }
      total += share;
      let location = locations_load(point);
      point++;
      // What is no number, or infinite, is nowhere; by its bits, since compilers may take all numbers for finite.
      let exponent = vec2<u32>(0x7f800000u);
      if (any((bitcast<vec2<u32>>(location) & exponent) == exponent)) { continue; }
      let place = clamp(location, vec2<f32>(-1.0), vec2<f32>(2.0)) * vec2<f32>(size);
      var low = floor(place);
      var rest = vec2<f32>(0.0);
      if (!DISCRETE) {
        low = floor(place - 0.5);
        rest = place - 0.5 - low;
      }
      for (var corner = 0u; corner < corners; corner++) {
        let step = vec2<u32>(corner & 1u, corner >> 1u);
        let part = select(1.0 - rest, rest, step == vec2<u32>(1u));
        let weight = share * part.x * part.y;
        // Pixels before the picture are large as unsigned numbers.
        let pixel = vec2<u32>(vec2<i32>(low)) + step;
        if (weight == 0.0 || any(pixel >= size)) { continue; }
        let source = ((tokens + pixel.y * size.x + pixel.x) * HEADS + head) * UNITS + first;
        for (var u = 0u; u < EACH; u++) {
          if (first + u < UNITS) { sums[u] += weight * value_load(source + u); }
        }
      }
    }
  }
  let divisor = select(total, 1.0, NORMALISED);
  for (var u = 0u; u < EACH; u++) {
    if (first + u < UNITS) { y_store(row * UNITS + first + u, sums[u] / divisor); }
  }
}
