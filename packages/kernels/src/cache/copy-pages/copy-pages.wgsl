// pool[to] = pool[from] for every pair of pages, in place. One invocation per unit of a copied page. Bytes: copied pages read
// and written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let copy = at / UNITS;
  if (copy >= params.copies) { return; }
  let pair = pairs_load(copy);
  if (max(pair.x, pair.y) >= params.pages) { return; }
  pool_store(pair.y * UNITS + at % UNITS, pool_load(pair.x * UNITS + at % UNITS));
}
