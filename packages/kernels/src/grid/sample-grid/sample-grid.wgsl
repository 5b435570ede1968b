// y[sample] = x at the sample's place on a grid, between tokens linearly; outside there are zeros. x [batch, tokens, heads,
// head_size], y [batch, samples, heads, head_size], rows in any order; coordinates [batch, samples, heads or 1, axes].
// One invocation per EACH units of channels of a sample. Bytes: up to 2^axes rows of x per sample, y once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let first = at % CHUNKS * EACH;
  let head = at / CHUNKS % HEADS;
  let sample = at / (CHUNKS * HEADS) % params.samples;
  let batch = at / (CHUNKS * HEADS) / params.samples;
  // A bound that compilers cannot see through: unrolling this loop costs seconds of compilation and gains nothing.
  let corners = select(CORNERS, 0u, params.samples == 0u);
  if (batch >= params.batch) { return; }
  let c = coordinates_at(((batch * params.samples + sample) * COORDINATE_HEADS + head % COORDINATE_HEADS) * AXES);
  // What is no number, or infinite, is nowhere; by its bits, since compilers may take all numbers for finite.
  let exponent = vec3<u32>(0x7f800000u);
  let somewhere = all((bitcast<vec3<u32>>(c) & exponent) != exponent);
  let near = clamp(c, vec3<f32>(-2.0), vec3<f32>(SIZES) + 1.0);
  var low = floor(near);
  var rest = near - low;
  if (NEAREST) {
    low += select(vec3<f32>(0.0), vec3<f32>(1.0), rest >= vec3<f32>(0.5));
    rest = vec3<f32>(0.0);
  }
  var sums: array<Value, EACH>;
  for (var u = 0u; u < EACH; u++) { sums[u] = Value(0.0); }
  for (var corner = 0u; corner < corners; corner++) {
    let step = vec3<u32>(corner >> 2u, (corner >> 1u) & 1u, corner & 1u);
    let part = select(1.0 - rest, rest, step == vec3<u32>(1u));
    let weight = part.x * part.y * part.z;
    // Places before the grid are large as unsigned numbers.
    let place = vec3<u32>(vec3<i32>(low)) + step;
    if (!somewhere || weight == 0.0 || any(place >= SIZES)) { continue; }
    let row = x_at(batch, head, (place.x * SIZES.y + place.y) * SIZES.z + place.z);
    for (var u = 0u; u < EACH; u++) {
      if (first + u < UNITS) { sums[u] += weight * x_load(row + first + u); }
    }
  }
  let row = y_at(batch, head, sample);
  for (var u = 0u; u < EACH; u++) {
    if (first + u < UNITS) { y_store(row + first + u, sums[u]); }
  }
}
