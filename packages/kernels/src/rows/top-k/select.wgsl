// The K largest elements of each row, largest first, the lowest index first among equals; x [rows, columns].
// Bytes: x once (later passes from cache).
//
// A histogram of the upper 11 bits of the ordered keys says in which bin the K-th largest lies, a second one of the next 11 within
// that bin, a third one of the last 10: then the K-th key is known, and how many of its equals belong. Those are the ones that
// come first, found by a histogram of places. What was selected is kept as it comes, `keep`, and put in order afterwards.

const BINS = 2048u;
// A bound for loops over what there is, which end by their data.
const MANY = 0x3fffffffu;

var<workgroup> bins: array<atomic<u32>, BINS>;
var<workgroup> taken: atomic<u32>;

// An element of a row, or of what the parts of a row selected.
struct Candidate { key: u32, index: u32 }

fn count_of(source: u32, bin: u32) -> u32 { return atomicLoad(&bins[bin]); }
fn mass_of(source: u32, bin: u32) -> vec2<u32> { return vec2<u32>(); }

fn clear_bins(lane: u32) {
  for (var step = 0u; step < MOST_BINS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= BINS) { break; }
    atomicStore(&bins[i], 0u);
  }
  if (lane == 0u) { atomicStore(&taken, 0u); }
  workgroupBarrier();
}

fn take(row: u32, candidate: Candidate) { keep(row, atomicAdd(&taken, 1u), candidate); }

// Keeps the best of `count` candidates from `first` on, in no order.
fn select_best(lane: u32, merged: bool, row: u32, first: u32, count: u32) {
  var prefix = 0u;
  var left = K;
  var segment = 0u;
  // Three digits of the key, then the place among its equals.
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = select(select(0u, 10u, digit == 1u), 21u, digit == 0u);
    let width = select(11u, 10u, digit == 2u);
    let last = (1u << width) - 1u;
    clear_bins(lane);
    for (var step = 0u; step < MANY; step++) {
      let i = step * WORKGROUP + lane;
      if (i >= count) { break; }
      let candidate = candidate_at(merged, row, first + i);
      if (digit == 3u) {
        if (candidate.key > prefix) { take(row, candidate); }
        if (candidate.key == prefix) { atomicAdd(&bins[i / SEGMENT], 1u); }
      } else if (digit == 0u || (candidate.key >> shift) >> width == prefix) {
        // Bins count down, so that the first one to reach the goal is the largest.
        atomicAdd(&bins[last - ((candidate.key >> shift) & last)], 1u);
      }
    }
    workgroupBarrier();
    let found = crossing(lane, 0u, select(last + 1u, BINS, digit == 3u), false, vec2<u32>(left, 0u));
    if (digit < 3u) { prefix = (prefix << width) | (last - found.bin); }
    segment = found.bin;
    left -= found.count;
  }
  // The last key's equals: all of the segments before the crossing, and the first few of the segment there.
  for (var step = 0u; step < MANY; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= min(count, segment * SEGMENT)) { break; }
    let candidate = candidate_at(merged, row, first + i);
    if (candidate.key == prefix) { take(row, candidate); }
  }
  if (lane == 0u) {
    var missing = left;
    for (var i = 0u; i < SEGMENT; i++) {
      let at = segment * SEGMENT + i;
      if (missing == 0u || at >= count) { break; }
      let candidate = candidate_at(merged, row, first + at);
      if (candidate.key == prefix) {
        take(row, candidate);
        missing--;
      }
    }
  }
  workgroupBarrier();
}
