// Selecting by histograms: at which bin does a running sum reach a goal? Each bin has a count and a mass, `count_of(source, bin)`
// and `mass_of(source, bin)`, and both are summed whichever the goal is for. All are whole numbers, so that neither order nor
// device changes the answer. Uses wide.wgsl; WORKGROUP is a multiple of 16. To be called from one place: it is long.

struct Crossing {
  // The first bin at which the sum reaches the goal; `bins` where it never does.
  bin: u32,
  // The sums of the bins before.
  count: u32,
  mass: vec2<u32>,
  // The count of that bin.
  size: u32,
}

const EVERYTHING = vec2<u32>(0xffffffffu, 0xffffffffu);
const GROUP = WORKGROUP / 16u;
// Loops end by their data: a compiler that cannot count their turns does not unroll them, which took software adapters seconds.
const MOST_BINS = 65536u;

var<workgroup> lane_counts: array<u32, WORKGROUP>;
var<workgroup> lane_masses: array<vec2<u32>, WORKGROUP>;
var<workgroup> group_counts: array<u32, 16>;
var<workgroup> group_masses: array<vec2<u32>, 16>;
var<workgroup> crossing_found: Crossing;

fn crossing(lane: u32, source: u32, bins: u32, by_mass: bool, goal: vec2<u32>) -> Crossing {
  var count = 0u;
  var mass = vec2<u32>();
  for (var i = 0u; i < BINS_EACH; i++) {
    let bin = lane * BINS_EACH + i;
    if (bin >= bins) { break; }
    count += count_of(source, bin);
    mass = wide_sum(mass, mass_of(source, bin));
  }
  lane_counts[lane] = count;
  lane_masses[lane] = mass;
  workgroupBarrier();
  if (lane < 16u) {
    count = 0u;
    mass = vec2<u32>();
    for (var i = 0u; i < GROUP; i++) {
      count += lane_counts[lane * GROUP + i];
      mass = wide_sum(mass, lane_masses[lane * GROUP + i]);
    }
    group_counts[lane] = count;
    group_masses[lane] = mass;
  }
  workgroupBarrier();
  if (lane == 0u) {
    // In steps of a group of lanes, then of a lane, then of a bin.
    var found = Crossing();
    for (var i = 0u; i < MOST_BINS; i++) {
      if (found.bin >= bins) { break; }
      let group = found.bin / (GROUP * BINS_EACH);
      let next = Crossing(found.bin + GROUP * BINS_EACH, found.count + group_counts[group], wide_sum(found.mass, group_masses[group]), 0u);
      if (reaches(next, by_mass, goal)) { break; }
      found = next;
    }
    for (var i = 0u; i < MOST_BINS; i++) {
      if (found.bin >= bins) { break; }
      let at = found.bin / BINS_EACH;
      let next = Crossing(found.bin + BINS_EACH, found.count + lane_counts[at], wide_sum(found.mass, lane_masses[at]), 0u);
      if (reaches(next, by_mass, goal)) { break; }
      found = next;
    }
    for (var i = 0u; i < MOST_BINS; i++) {
      if (found.bin >= bins) { break; }
      let mass_after = wide_sum(found.mass, mass_of(source, found.bin));
      let size = count_of(source, found.bin);
      let next = Crossing(found.bin + 1u, found.count + size, mass_after, 0u);
      if (reaches(next, by_mass, goal)) {
        found.size = size;
        break;
      }
      found = next;
    }
    found.bin = min(found.bin, bins);
    crossing_found = found;
  }
  return workgroupUniformLoad(&crossing_found);
}

fn reaches(sums: Crossing, by_mass: bool, goal: vec2<u32>) -> bool {
  return !wide_less(select(vec2<u32>(sums.count, 0u), sums.mass, by_mass), goal);
}
