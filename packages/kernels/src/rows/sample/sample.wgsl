// ids[r] ~ softmax(logits[r] / temperature) among the top_k likeliest and the likeliest that hold top_p of the mass;
// logits [rows, vocab]. Bytes: logits once (later passes from cache); one workgroup draws a row.
//
// Tokens line up from the likeliest on, equals by index. Each has a key, its distance from the likeliest in 2^-15 of a halving of
// probability, and a weight, 2^-distance in 26 bits: whole numbers, whose sums depend on no order. Tokens below 2^-25 of the
// likeliest are never drawn. A place in the line is found by histograms of keys, first of their upper bits, then of the lower ones
// within one upper bin, then of the bits of the logits that share a key, then of where equals are in the vocabulary.

const HIGH_BINS = 400u;
const LOW_BINS = 2048u;
const LOW_BITS = 11u;
// Loops end by their data, see crossing.wgsl.
const MOST_STEPS = 65536u;
const MOST_KEYS = 819200u; // HIGH_BINS << LOW_BITS, 25 halvings

// Per upper bin: tokens, and their weights' lower 13 bits and upper ones, summed apart because a sum takes more than 32 bits.
var<workgroup> high: array<atomic<u32>, 3u * HIGH_BINS>;
var<workgroup> low: array<atomic<u32>, LOW_BINS>;
var<workgroup> likeliest: atomic<u32>;
var<workgroup> likeliest_index: atomic<u32>;
var<workgroup> drawn: u32;

fn key_scale() -> f32 { return HALVINGS / max(params.temperature, 1e-30); }

fn key_of(logit: f32, most: f32, scale: f32) -> u32 {
  // Beside NaN and infinity only their equals count.
  if ((bitcast<u32>(most) & 0x7fffffffu) >= 0x7f800000u) { return select(MOST_KEYS, 0u, ordered(logit) == ordered(most)); }
  return u32(min((most - logit) * scale, 16777216.0));
}

// 2^-(key / 2^15) in 26 bits; the polynomial is good to 7e-5 of the value.
fn weight_of(key: u32) -> u32 {
  let x = (key & 0x7fffu) << 1u;
  var p = 605u - ((x * 65u + 32768u) >> 16u);
  p = 3617u - ((x * p + 32768u) >> 16u);
  p = 15736u - ((x * p + 32768u) >> 16u);
  p = 45427u - ((x * p + 32768u) >> 16u);
  p = 65536u - ((x * p + 32768u) >> 16u);
  let shift = key >> 15u;
  return ((p << 10u) + ((1u << shift) >> 1u)) >> shift;
}

// Sources of a crossing: the upper bins, or the lower ones of an upper bin.
const UPPER = 0xffffffffu;

fn count_of(source: u32, bin: u32) -> u32 {
  if (source == UPPER) { return atomicLoad(&high[bin]); }
  return atomicLoad(&low[bin]);
}

fn mass_of(source: u32, bin: u32) -> vec2<u32> {
  if (source != UPPER) { return wide_product(atomicLoad(&low[bin]), weight_of((source << LOW_BITS) | bin)); }
  let upper = atomicLoad(&high[2u * HIGH_BINS + bin]);
  return wide_sum(vec2<u32>(upper << 13u, upper >> 19u), vec2<u32>(atomicLoad(&high[HIGH_BINS + bin]), 0u));
}

// The likeliest token among `count` from `first` on, into `likeliest` and `likeliest_index`.
fn find_likeliest(lane: u32, row: u32, first: u32, count: u32) {
  if (lane == 0u) {
    atomicStore(&likeliest, 0u);
    atomicStore(&likeliest_index, 0xffffffffu);
  }
  workgroupBarrier();
  var most = 0u;
  var index = first;
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= count) { break; }
    let each = ordered(logits_load(row * VOCAB + first + i));
    if (each > most) {
      most = each;
      index = first + i;
    }
  }
  atomicMax(&likeliest, most);
  workgroupBarrier();
  if (most == atomicLoad(&likeliest)) { atomicMin(&likeliest_index, index); }
  workgroupBarrier();
}

fn clear_high(lane: u32) {
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= 3u * HIGH_BINS) { break; }
    atomicStore(&high[i], 0u);
  }
  workgroupBarrier();
}

// Adds `count` tokens from `first` on to the upper bins.
fn tally_high(lane: u32, row: u32, most: f32, first: u32, count: u32) {
  let scale = key_scale();
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= count) { break; }
    let key = key_of(logits_load(row * VOCAB + first + i), most, scale);
    if (key < MOST_KEYS) {
      let weight = weight_of(key);
      atomicAdd(&high[key >> LOW_BITS], 1u);
      atomicAdd(&high[HIGH_BINS + (key >> LOW_BITS)], weight & 0x1fffu);
      atomicAdd(&high[2u * HIGH_BINS + (key >> LOW_BITS)], weight >> 13u);
    }
  }
  workgroupBarrier();
}

// Which tokens the lower bins count, and by what: those with a key in [start, start + span), and of these the ones whose bits in
// order, but for the last `shift`, are `prefix` (all of them with a shift of 32); by `what` of a token.
struct Tally { start: u32, span: u32, prefix: u32, shift: u32, what: u32 }
const KEY = 0u;
const FIRST_DIGIT = 1u;
const SECOND_DIGIT = 2u;
const THIRD_DIGIT = 3u;
const PLACE = 4u;

fn tally_low(lane: u32, row: u32, most: f32, tally: Tally) {
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= LOW_BINS) { break; }
    atomicStore(&low[i], 0u);
  }
  workgroupBarrier();
  let scale = key_scale();
  for (var step = 0u; step < MOST_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= VOCAB) { break; }
    let logit = logits_load(row * VOCAB + i);
    let key = key_of(logit, most, scale);
    if (key >= tally.start && key - tally.start < tally.span) {
      let bits = ordered(logit);
      if (tally.what == KEY) { atomicAdd(&low[key - tally.start], 1u); }
      else if (is_tallied(bits, tally)) {
        // Digits count down, so that the largest comes first.
        if (tally.what == PLACE) { atomicAdd(&low[i / SEGMENT], 1u); }
        else { atomicAdd(&low[last_of(tally.what) - ((bits >> next_shift(tally.what)) & last_of(tally.what))], 1u); }
      }
    }
  }
  workgroupBarrier();
}

fn is_tallied(bits: u32, tally: Tally) -> bool { return tally.shift == 32u || bits >> tally.shift == tally.prefix; }

// The largest value of a digit, of 11, 11 and 10 bits, and what is left behind it.
fn last_of(digit: u32) -> u32 { return select(0x7ffu, 0x3ffu, digit == THIRD_DIGIT); }
fn next_shift(digit: u32) -> u32 { return select(select(0u, 10u, digit == SECOND_DIGIT), 21u, digit == FIRST_DIGIT); }

// Draws a token of the row, all of which is in the upper bins. One loop asks all questions, of the line from its start or of the
// tokens that the last answer left: the whole mass (stage 0); where top_k (1, 2) and where top_p (3, 4) end the line, which
// leaves less mass; at which key a random point of that lies (5, 6), each token as long as its weight; and which of the tokens of
// that key it is, by the three digits of their logits (7 to 9), as long as there are several, and by their places (10).
fn draw(lane: u32, row: u32, most: f32) -> u32 {
  let random = philox4x32(vec4<u32>(params.counter, row, 0u, 0u), vec2<u32>(params.seed, 0u)).x;
  var mass = vec2<u32>();
  var goal = EVERYTHING;
  var upper = Crossing();
  var lower = Crossing();
  var tally = Tally(0u, LOW_BINS, 0u, 32u, KEY);
  // How many tokens of the key come before the one that is drawn.
  var before = 0u;
  for (var stage = 0u; stage < 11u; stage++) {
    if ((stage == 1u || stage == 2u) && params.top_k <= 0i) { continue; }
    if ((stage == 3u || stage == 4u) && params.top_p >= 1.0) { continue; }
    // Fewer tokens than top_k: all are kept.
    if (stage == 2u && upper.bin == HIGH_BINS) { continue; }
    if (stage > 6u && stage < 10u && lower.size == 1u) { continue; }
    let by_count = stage == 1u || stage == 2u || stage > 6u;
    let whole = stage == 0u || (stage % 2u == 1u && stage < 7u);
    if (stage == 1u) { goal = vec2<u32>(u32(params.top_k), 0u); }
    if (stage == 3u) {
      goal = wide_fraction(mass, u32(max(params.top_p, 0.0) * 4294967296.0));
      if (wide_less(goal, vec2<u32>(1u, 0u))) { goal = vec2<u32>(1u, 0u); }
    }
    if (stage == 5u) { goal = wide_sum(wide_fraction(mass, random), vec2<u32>(1u, 0u)); }
    if (stage > 6u) {
      goal = vec2<u32>(before + 1u, 0u);
      tally.what = stage - 6u;
    }
    if (!whole) { tally_low(lane, row, most, tally); }
    let found = crossing(lane, select(upper.bin, UPPER, whole), select(LOW_BINS, HIGH_BINS, whole), !by_count, goal);
    if (stage == 0u) {
      mass = found.mass;
    } else if (whole) {
      upper = found;
      tally.start = upper.bin << LOW_BITS;
      goal = wide_difference(goal, select(found.mass, vec2<u32>(found.count, 0u), by_count));
    } else {
      lower = found;
    }
    if (stage == 2u || stage == 4u || stage == 6u) {
      // How many tokens of this key the goal takes, the last one perhaps in part.
      let key = tally.start + lower.bin;
      var taken = goal.x - lower.count;
      if (stage > 2u) { taken = 1u + whole_times(weight_of(key), wide_difference(wide_difference(goal, lower.mass), vec2<u32>(1u, 0u))); }
      mass = wide_sum(wide_sum(upper.mass, lower.mass), wide_product(taken, weight_of(key)));
      if (stage == 6u) {
        before = taken - 1u;
        tally.start = key;
        tally.span = 1u;
      }
    }
    if (stage > 6u) {
      before -= lower.count;
      if (stage < 10u) {
        tally.shift = next_shift(tally.what);
        tally.prefix = (tally.prefix << select(11u, 10u, tally.what == THIRD_DIGIT)) | (last_of(tally.what) - lower.bin);
      }
    }
  }
  // `lower` is the segment of the vocabulary in which the token is.
  if (lane == 0u) {
    for (var i = 0u; i < SEGMENT; i++) {
      let index = lower.bin * SEGMENT + i;
      if (index >= VOCAB) { break; }
      let logit = logits_load(row * VOCAB + index);
      if (key_of(logit, most, key_scale()) == tally.start && is_tallied(ordered(logit), tally)) {
        drawn = index;
        if (before == 0u) { break; }
        before--;
      }
    }
  }
  return workgroupUniformLoad(&drawn);
}

// How many times `part` fits into `whole`, less than 2^20: estimated in f32, whose error is below one, and corrected.
fn whole_times(part: u32, whole: vec2<u32>) -> u32 {
  let times = u32((f32(whole.y) * 4294967296.0 + f32(whole.x)) / f32(part));
  if (wide_less(whole, wide_product(part, times))) { return times - 1u; }
  return select(times + 1u, times, wide_less(whole, wide_product(part, times + 1u)));
}
