// y[segment] = the sum, or mean, of the tokens in the segment's list, in their order. A workgroup takes ACROSS neighbouring
// units of y; DOWN invocations share the tokens of each, and the first adds up. Bytes: x and y once.

var<workgroup> shares: array<fragment, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn add(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * ACROSS + lane % ACROSS;
  let share = lane / ACROSS;
  let unit = item % UNITS;
  let line = item / UNITS;
  let segment = line % params.segments;
  let head = line / params.segments % HEADS;
  let batch = line / params.segments / HEADS;
  let list = select(head, 0u, LISTS == 1u);
  let row = batch * LISTS + list;

  var first = 0u;
  var end = 0u;
  if (batch < params.batch) {
    first = starts_load(row * (params.segments + 1u) + segment);
    end = starts_load(row * (params.segments + 1u) + segment + 1u);
  }
  var sum = fragment();
  for (var step = 0u; step < MANY; step++) {
    let at = first + step * DOWN + share;
    if (at >= end) { break; }
    let token = order_load(row * params.tokens + at);
    sum += x_load(x_at(batch, head, token) + unit);
  }
  shares[lane] = sum;
  workgroupBarrier();
  if (share > 0u || batch >= params.batch) { return; }
  for (var i = 1u; i < DOWN; i++) { sum += shares[lane + i * ACROSS]; }
  if (MEAN) { sum = sum / f32(max(end - first, 1u)); }
  y_store(y_at(batch, head, segment) + unit, sum);
  if (unit == 0u && head == list) { store_count(row * params.segments + segment, end - first); }
}
