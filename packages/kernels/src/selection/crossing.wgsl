// Selecting by histograms: at which bin does a running sum reach a goal? What a bin counts for is `measure(kind, base, bin)`.
// All sums are whole numbers, so that neither order nor device changes the answer. Uses wide.wgsl; WORKGROUP is at least 16.

struct Crossing {
  // The first bin at which the sum reaches the goal; `bins` where it never does.
  bin: u32,
  // The sum of the bins before.
  before: vec2<u32>,
}

const EVERYTHING = vec2<u32>(0xffffffffu, 0xffffffffu);

var<workgroup> lane_sums: array<vec2<u32>, WORKGROUP>;
var<workgroup> group_sums: array<vec2<u32>, 16>;
var<workgroup> crossing_found: Crossing;

fn crossing(lane: u32, kind: u32, base: u32, bins: u32, goal: vec2<u32>) -> Crossing {
  var own = vec2<u32>();
  for (var i = 0u; i < BINS_EACH; i++) {
    let bin = lane * BINS_EACH + i;
    if (bin < bins) { own = wide_sum(own, measure(kind, base, bin)); }
  }
  lane_sums[lane] = own;
  workgroupBarrier();
  if (lane < 16u) {
    var sum = vec2<u32>();
    for (var i = 0u; i < WORKGROUP / 16u; i++) { sum = wide_sum(sum, lane_sums[lane * (WORKGROUP / 16u) + i]); }
    group_sums[lane] = sum;
  }
  workgroupBarrier();
  if (lane == 0u) {
    // The group of lanes, the lane, the bin.
    var before = vec2<u32>();
    var group = 0u;
    for (var i = 0u; i < 16u; i++) {
      let next = wide_sum(before, group_sums[i]);
      if (!wide_less(next, goal)) { break; }
      before = next;
      group = i + 1u;
    }
    var at = group * (WORKGROUP / 16u);
    for (var i = 0u; i < WORKGROUP / 16u; i++) {
      if (group == 16u) { break; }
      let next = wide_sum(before, lane_sums[at]);
      if (!wide_less(next, goal)) { break; }
      before = next;
      at++;
    }
    var bin = min(at * BINS_EACH, bins);
    for (var i = 0u; i < BINS_EACH; i++) {
      if (bin >= bins) { break; }
      let next = wide_sum(before, measure(kind, base, bin));
      if (!wide_less(next, goal)) { break; }
      before = next;
      bin++;
    }
    crossing_found = Crossing(bin, before);
  }
  return workgroupUniformLoad(&crossing_found);
}
