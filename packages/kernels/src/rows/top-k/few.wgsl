// What was selected, when it is little: kept in the workgroup's memory, put in order by counting who is ahead.

var<workgroup> taken_keys: array<u32, K>;
var<workgroup> taken_indices: array<u32, K>;
var<workgroup> sorted_keys: array<u32, K>;
var<workgroup> sorted_indices: array<u32, K>;

fn keep(row: u32, at: u32, candidate: Candidate) {
  taken_keys[at] = candidate.key;
  taken_indices[at] = candidate.index;
}

// To `sorted_keys` and `sorted_indices`.
fn put_in_order(lane: u32) {
  for (var step = 0u; step < SORT_STEPS; step++) {
    let own = step * WORKGROUP + lane;
    if (own >= K) { break; }
    let key = taken_keys[own];
    let index = taken_indices[own];
    var ahead = 0u;
    for (var i = 0u; i < MOST_BINS; i++) {
      if (i >= atomicLoad(&taken)) { break; }
      if (taken_keys[i] > key || (taken_keys[i] == key && taken_indices[i] < index)) { ahead++; }
    }
    sorted_keys[ahead] = key;
    sorted_indices[ahead] = index;
  }
  workgroupBarrier();
}

fn finish(lane: u32, row: u32) {
  put_in_order(lane);
  for (var step = 0u; step < SORT_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < K) {
      values_store(row * K + i, unordered(sorted_keys[i]));
      ids_store(row * K + i, sorted_indices[i]);
    }
  }
}
