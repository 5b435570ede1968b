// The K largest elements of each row, largest first, the lowest index first among equals; x [rows, columns].
// Bytes: x once (later passes from cache).
//
// A histogram of the upper 11 bits of the ordered keys says in which bin the K-th largest lies, a second one of the next 11 within
// that bin, a third one of the last 10: then the K-th key is known, and how many of its equals belong. Those are the ones that
// come first, found by a histogram of places. What was selected, at most 64, is put in order by counting who is ahead.

const BINS = 2048u;

var<workgroup> bins: array<atomic<u32>, BINS>;
var<workgroup> taken: atomic<u32>;
var<workgroup> taken_keys: array<u32, K>;
var<workgroup> taken_indices: array<u32, K>;
var<workgroup> sorted_keys: array<u32, K>;
var<workgroup> sorted_indices: array<u32, K>;

// An element of a row, or of what the parts of a row selected.
struct Candidate { key: u32, index: u32 }

fn measure(kind: u32, base: u32, bin: u32) -> vec2<u32> { return vec2<u32>(atomicLoad(&bins[bin]), 0u); }

fn clear_bins(lane: u32) {
  for (var step = 0u; step < BIN_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < BINS) { atomicStore(&bins[i], 0u); }
  }
  workgroupBarrier();
}

fn take(candidate: Candidate) {
  let at = atomicAdd(&taken, 1u);
  taken_keys[at] = candidate.key;
  taken_indices[at] = candidate.index;
}

// Leaves the best of `count` candidates from `first` on in `sorted_keys` and `sorted_indices`, `wanted` of them.
fn select_best(lane: u32, merged: bool, row: u32, first: u32, count: u32, wanted: u32) {
  var prefix = 0u;
  var left = wanted;
  for (var digit = 0u; digit < 3u; digit++) {
    // Bins count down, so that the first one to reach the goal is the largest.
    let shift = select(select(0u, 10u, digit == 1u), 21u, digit == 0u);
    let width = select(11u, 10u, digit == 2u);
    clear_bins(lane);
    for (var step = 0u; step < MOST_STEPS; step++) {
      let i = step * WORKGROUP + lane;
      if (i < count) {
        let key = candidate_at(merged, row, first + i).key;
        if (digit == 0u || (key >> shift) >> width == prefix) {
          atomicAdd(&bins[(1u << width) - 1u - ((key >> shift) & ((1u << width) - 1u))], 1u);
        }
      }
    }
    workgroupBarrier();
    let found = crossing(lane, 0u, 0u, 1u << width, vec2<u32>(left, 0u));
    prefix = (prefix << width) | ((1u << width) - 1u - found.bin);
    left -= found.before.x;
  }
  clear_bins(lane);
  if (lane == 0u) { atomicStore(&taken, 0u); }
  workgroupBarrier();
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < count) {
      let candidate = candidate_at(merged, row, first + i);
      if (candidate.key > prefix) { take(candidate); }
      if (candidate.key == prefix) { atomicAdd(&bins[i / SEGMENT], 1u); }
    }
  }
  workgroupBarrier();
  // The K-th key's equals: all of the segments before the crossing, and the first few of the segment there.
  let found = crossing(lane, 0u, 0u, BINS, vec2<u32>(left, 0u));
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < count && i / SEGMENT < found.bin) {
      let candidate = candidate_at(merged, row, first + i);
      if (candidate.key == prefix) { take(candidate); }
    }
  }
  if (lane == 0u) {
    var missing = left - found.before.x;
    for (var i = 0u; i < SEGMENT; i++) {
      let at = found.bin * SEGMENT + i;
      if (missing == 0u || at >= count) { break; }
      let candidate = candidate_at(merged, row, first + at);
      if (candidate.key == prefix) {
        take(candidate);
        missing--;
      }
    }
  }
  workgroupBarrier();
  for (var step = 0u; step < SORT_STEPS; step++) {
    let own = step * WORKGROUP + lane;
    if (own < wanted) {
      let key = taken_keys[own];
      let index = taken_indices[own];
      var ahead = 0u;
      for (var i = 0u; i < K; i++) {
        if (i < wanted && (taken_keys[i] > key || (taken_keys[i] == key && taken_indices[i] < index))) { ahead++; }
      }
      sorted_keys[ahead] = key;
      sorted_indices[ahead] = index;
    }
  }
  workgroupBarrier();
}

fn write_best(lane: u32, row: u32) {
  for (var step = 0u; step < SORT_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < K) {
      values_store(row * K + i, unordered(sorted_keys[i]));
      ids_store(row * K + i, sorted_indices[i]);
    }
  }
}
