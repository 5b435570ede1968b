// Partial attention outputs over disjoint keys, merged by their log-sum-exps; one thread per fragment of the output.
// parts [parts, batch, queries, heads, value_size], part_lse [parts, batch, heads, queries], y and lse without `parts`.
// Bytes: every part once, and its log-sum-exp once per fragment (from cache).

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * WORKGROUP + lane;
  let rows = params.batch * params.queries * HEADS;
  let row = index / UNITS;
  if (row >= rows) { return; }
  let head = row % HEADS;
  let query = row / HEADS % params.queries;
  let batch = row / HEADS / params.queries;
  let lse_row = (batch * HEADS + head) * params.queries + query;

  var peak = MASKED;
  for (var part = 0u; part < MANY; part++) {
    if (part >= params.parts) { break; }
    peak = max(peak, part_lse_load(part * rows + lse_row));
  }
  // A part without keys has the log-sum-exp MASKED: its weight is 0, also when no part has any.
  var sum = 0.0;
  var value = fragment();
  for (var part = 0u; part < MANY; part++) {
    if (part >= params.parts) { break; }
    let part_lse = part_lse_load(part * rows + lse_row);
    let weight = select(0.0, bounded_power(part_lse - peak), is_seen(part_lse));
    sum += weight;
    value += weight * parts_load(part * rows * UNITS + index);
  }
  y_store(index, value * select(0.0, 1.0 / sum, is_some(sum)));
  if (index % UNITS == 0u) { store_log_sum_exp(lse_row, select(MASKED, peak + logarithm(sum), is_some(sum))); }
}
