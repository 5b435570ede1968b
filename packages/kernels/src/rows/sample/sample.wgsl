// ids[r] ~ softmax(logits[r] / temperature) among the top_k likeliest and the likeliest that hold top_p of the mass;
// logits [rows, vocab]. Bytes: logits once (later passes from cache); one workgroup draws a row.
//
// Every token gets a key, its distance from the likeliest in 2^-15 of a halving of probability, and a weight, 2^-distance in
// 26 bits: whole numbers, whose sums depend on no order. Tokens below 2^-25 of the likeliest are never drawn. Tokens are
// selected by histograms of keys, first of their upper bits, then of the lower ones within one upper bin.

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

fn key_of(logit: f32, most: f32, scale: f32) -> u32 { return u32(min((most - logit) * scale, 16777216.0)); }

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

// Counts all tokens whose key is in [start, start + span) by (key - start), or with span 1 by their place in the vocabulary.
fn tally_low(lane: u32, row: u32, most: f32, start: u32, span: u32) {
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
    let key = key_of(logits_load(row * VOCAB + i), most, scale);
    if (key >= start && key - start < span) { atomicAdd(&low[select(key - start, i / SEGMENT, span == 1u)], 1u); }
  }
  workgroupBarrier();
}

// Draws a token of the row, all of which is in the upper bins. One loop asks all questions, each first of the upper bins and
// then of the lower ones: the whole mass; where top_k and where top_p end, which leaves less mass; which key lies at a random
// point of that, when tokens line up by key, those of equal key by index, each as long as its weight; and which token it is.
fn draw(lane: u32, row: u32, most: f32) -> u32 {
  let random = philox4x32(vec4<u32>(params.counter, row, 0u, 0u), vec2<u32>(params.seed, 0u)).x;
  var mass = vec2<u32>();
  var point = vec2<u32>();
  var goal = EVERYTHING;
  var by_mass = true;
  var upper = Crossing(0u, 0u, vec2<u32>());
  var lower = Crossing(0u, 0u, vec2<u32>());
  var key = 0u;
  var which = 0u;
  for (var stage = 0u; stage < 8u; stage++) {
    if ((stage == 1u || stage == 2u) && params.top_k == 0u) { continue; }
    if ((stage == 3u || stage == 4u) && params.top_p >= 1.0) { continue; }
    if (stage == 1u) {
      by_mass = false;
      goal = vec2<u32>(params.top_k, 0u);
    }
    if (stage == 3u) {
      by_mass = true;
      goal = wide_fraction(mass, u32(max(params.top_p, 0.0) * 4294967296.0));
      if (wide_less(goal, vec2<u32>(1u, 0u))) { goal = vec2<u32>(1u, 0u); }
    }
    if (stage == 5u) {
      by_mass = true;
      point = wide_fraction(mass, random);
      goal = wide_sum(point, vec2<u32>(1u, 0u));
    }
    if (stage == 7u) {
      key = (upper.bin << LOW_BITS) | lower.bin;
      which = whole_times(weight_of(key), wide_difference(point, wide_sum(upper.mass, lower.mass)));
      by_mass = false;
      goal = vec2<u32>(which + 1u, 0u);
    }
    // Fewer tokens than top_k: all are kept.
    if (stage == 2u && upper.bin == HIGH_BINS) { continue; }
    let whole = stage == 0u || (stage % 2u == 1u && stage < 7u);
    if (!whole) { tally_low(lane, row, most, select(upper.bin << LOW_BITS, key, stage == 7u), select(LOW_BINS, 1u, stage == 7u)); }
    var rest = goal;
    if (!whole && stage < 7u) { rest = wide_difference(goal, select(vec2<u32>(upper.count, 0u), upper.mass, by_mass)); }
    let found = crossing(lane, select(upper.bin, UPPER, whole), select(LOW_BINS, HIGH_BINS, whole), by_mass, rest);
    if (stage == 0u) { mass = found.mass; }
    else if (whole) { upper = found; }
    else { lower = found; }
    if (stage == 2u || stage == 4u) { mass = wide_sum(wide_sum(upper.mass, found.mass), mass_of(upper.bin, found.bin)); }
  }
  // `lower` is the segment of the vocabulary in which the token is.
  if (lane == 0u) {
    var left = which - lower.count;
    for (var i = 0u; i < SEGMENT; i++) {
      let index = lower.bin * SEGMENT + i;
      if (index >= VOCAB) { break; }
      if (key_of(logits_load(row * VOCAB + index), most, key_scale()) == key) {
        drawn = index;
        if (left == 0u) { break; }
        left--;
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
