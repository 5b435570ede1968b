// cache[i] = past[kept[i]] for the rows that a batch row keeps. One invocation per unit of the result.
// Bytes: kept rows read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let place = at / UNITS % params.kept_rows;
  let line = at / UNITS / params.kept_rows;
  if (line >= params.batch * OUTER) { return; }
  let batch = line / OUTER;
  let row = kept_load(batch * params.kept_rows + place);
  if (place >= min(counts_load(batch), CAPACITY) || row >= CAPACITY) { return; }
  let unit = at % UNITS;
  cache_store((line * CAPACITY + place) * UNITS + unit, past_load((line * CAPACITY + row) * UNITS + unit));
}
