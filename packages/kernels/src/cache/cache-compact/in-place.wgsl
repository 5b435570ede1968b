// The same within one cache: kept rows ascend, so none is written before it is read. One invocation per unit of a line, which
// moves its rows one after the other. Bytes: kept rows read and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let line = at / UNITS;
  if (line >= params.batch * OUTER) { return; }
  let batch = line / OUTER;
  let unit = at % UNITS;
  let rows = min(min(counts_load(batch), params.kept_rows), CAPACITY);
  for (var place = 0u; place < MANY; place++) {
    if (place >= rows) { break; }
    let row = kept_load(batch * params.kept_rows + place);
    if (row >= CAPACITY) { continue; }
    cache_store((line * CAPACITY + place) * UNITS + unit, cache_load((line * CAPACITY + row) * UNITS + unit));
  }
}
