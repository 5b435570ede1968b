// Lists of key blocks in ascending order from the numbers of chosen ones, query block · KEY_BLOCKS + key block. Sorted, the numbers
// of a row are its lists one after the other, so that a number's place is the count of smaller ones and a list begins at the
// count of numbers of query blocks before. One invocation per number or list. Bytes: the numbers once (`chosen` times from cache).

const BLOCKS = QUERY_BLOCKS * KEY_BLOCKS;

@compute @workgroup_size(WORKGROUP)
fn list(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(id, count) * WORKGROUP + lane;
  let items = params.chosen + QUERY_BLOCKS;
  let row = index / items;
  if (row >= params.rows) { return; }
  let item = index % items;
  let first = row * params.chosen;

  if (item >= params.chosen) {
    let query = item - params.chosen;
    var before = 0u;
    for (var i = 0u; i < MANY; i++) {
      if (i >= params.chosen) { break; }
      before += select(0u, 1u, ids_load(first + i) < query * KEY_BLOCKS);
    }
    block_starts_store(row * QUERY_BLOCKS + query, first + before);
    if (index == items - 1u) { block_starts_store(params.rows * QUERY_BLOCKS, params.rows * params.chosen); }
    return;
  }
  // What is no block goes behind all others, into the row's last list, where attention passes over it.
  let number = ids_load(first + item);
  var place = 0u;
  for (var i = 0u; i < MANY; i++) {
    if (i >= params.chosen) { break; }
    let other = ids_load(first + i);
    place += select(0u, 1u, other < number || (other == number && i < item));
  }
  let is_block = number < BLOCKS;
  block_keys_store(first + place, select(0xffffffffu, number % KEY_BLOCKS, is_block));
  if (is_block) { choose(row, number); }
}
