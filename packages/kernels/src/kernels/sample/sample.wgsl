// ids[r] ~ softmax(logits[r] / temperature) among the top_k likeliest and the likeliest that hold top_p of the mass;
// logits [rows, vocab]. Bytes: logits once (later passes from cache); one workgroup draws a row.
//
// Every token gets a key, its distance from the likeliest in 2^-15 of a halving of probability, and a weight, 2^-distance in
// 26 bits: whole numbers, whose sums depend on no order. Tokens below 2^-26 of the likeliest are never drawn. Tokens are
// selected by histograms of keys, first of their upper bits, then of the lower ones within one upper bin.

const HIGH_BINS = 416u;
const LOW_BINS = 2048u;
const LOW_BITS = 11u;
const MOST_KEYS = 851968u; // HIGH_BINS << LOW_BITS, 26 halvings

// What a bin counts for.
const COUNT = 0u;
const MASS = 1u;
const LOW_COUNT = 2u;
const LOW_MASS = 3u;

// Per upper bin: tokens, and their weights' lower 13 bits and upper ones, summed apart because a sum takes more than 32 bits.
var<workgroup> high: array<atomic<u32>, 3u * HIGH_BINS>;
var<workgroup> low: array<atomic<u32>, LOW_BINS>;
var<workgroup> likeliest: atomic<u32>;
var<workgroup> likeliest_index: atomic<u32>;
var<workgroup> drawn: u32;

fn key_of(logit: f32, most: f32) -> u32 {
  let scale = HALVINGS / max(params.temperature, 1e-30);
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

fn measure(kind: u32, base: u32, bin: u32) -> vec2<u32> {
  if (kind == COUNT) { return vec2<u32>(atomicLoad(&high[bin]), 0u); }
  if (kind == LOW_COUNT) { return vec2<u32>(atomicLoad(&low[bin]), 0u); }
  if (kind == LOW_MASS) { return wide_product(atomicLoad(&low[bin]), weight_of((base << LOW_BITS) | bin)); }
  let upper = atomicLoad(&high[2u * HIGH_BINS + bin]);
  return wide_sum(vec2<u32>(upper << 13u, upper >> 19u), vec2<u32>(atomicLoad(&high[HIGH_BINS + bin]), 0u));
}

fn mass_before(lane: u32, kind: u32, base: u32, bin: u32) -> vec2<u32> {
  return crossing(lane, kind, base, bin, EVERYTHING).before;
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
  for (var step = 0u; step < PART_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < count) {
      let each = ordered(logits_load(row * VOCAB + first + i));
      if (each > most) {
        most = each;
        index = first + i;
      }
    }
  }
  atomicMax(&likeliest, most);
  workgroupBarrier();
  if (most == atomicLoad(&likeliest)) { atomicMin(&likeliest_index, index); }
  workgroupBarrier();
}

fn clear_high(lane: u32) {
  for (var step = 0u; step < HIGH_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < 3u * HIGH_BINS) { atomicStore(&high[i], 0u); }
  }
  workgroupBarrier();
}

// Adds `count` tokens from `first` on to the upper bins.
fn tally_high(lane: u32, row: u32, most: f32, first: u32, count: u32) {
  for (var step = 0u; step < PART_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < count) {
      let key = key_of(logits_load(row * VOCAB + first + i), most);
      if (key < MOST_KEYS) {
        let weight = weight_of(key);
        atomicAdd(&high[key >> LOW_BITS], 1u);
        atomicAdd(&high[HIGH_BINS + (key >> LOW_BITS)], weight & 0x1fffu);
        atomicAdd(&high[2u * HIGH_BINS + (key >> LOW_BITS)], weight >> 13u);
      }
    }
  }
  workgroupBarrier();
}

// Counts all tokens whose key is in [start, start + span) by (key - start), or with span 1 by their place in the vocabulary.
fn tally_low(lane: u32, row: u32, most: f32, start: u32, span: u32) {
  for (var step = 0u; step < LOW_STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < LOW_BINS) { atomicStore(&low[i], 0u); }
  }
  workgroupBarrier();
  for (var step = 0u; step < STEPS; step++) {
    let i = step * WORKGROUP + lane;
    if (i < VOCAB) {
      let key = key_of(logits_load(row * VOCAB + i), most);
      if (key >= start && key - start < span) { atomicAdd(&low[select(key - start, i / SEGMENT, span == 1u)], 1u); }
    }
  }
  workgroupBarrier();
}

// Draws a token of the row, all of which is in the upper bins.
fn draw(lane: u32, row: u32, most: f32) -> u32 {
  var mass = mass_before(lane, MASS, 0u, HIGH_BINS);
  if (params.top_k > 0u) {
    let goal = vec2<u32>(params.top_k, 0u);
    let coarse = crossing(lane, COUNT, 0u, HIGH_BINS, goal);
    if (coarse.bin < HIGH_BINS) {
      tally_low(lane, row, most, coarse.bin << LOW_BITS, LOW_BINS);
      let fine = crossing(lane, LOW_COUNT, coarse.bin, LOW_BINS, wide_difference(goal, coarse.before));
      mass = mass_before(lane, MASS, 0u, coarse.bin);
      mass = wide_sum(mass, mass_before(lane, LOW_MASS, coarse.bin, fine.bin + 1u));
    }
  }
  if (params.top_p < 1.0) {
    var goal = wide_fraction(mass, u32(max(params.top_p, 0.0) * 4294967296.0));
    if (wide_less(goal, vec2<u32>(1u, 0u))) { goal = vec2<u32>(1u, 0u); }
    let coarse = crossing(lane, MASS, 0u, HIGH_BINS, goal);
    tally_low(lane, row, most, coarse.bin << LOW_BITS, LOW_BINS);
    let fine = crossing(lane, LOW_MASS, coarse.bin, LOW_BINS, wide_difference(goal, coarse.before));
    mass = wide_sum(coarse.before, mass_before(lane, LOW_MASS, coarse.bin, fine.bin + 1u));
  }
  // Tokens line up by key, those of equal key by index, each as long as its weight; the token at `point` is drawn.
  let random = philox4x32(vec4<u32>(params.counter, row, 0u, 0u), vec2<u32>(params.seed, 0u)).x;
  let point = wide_fraction(mass, random);
  let goal = wide_sum(point, vec2<u32>(1u, 0u));
  let coarse = crossing(lane, MASS, 0u, HIGH_BINS, goal);
  tally_low(lane, row, most, coarse.bin << LOW_BITS, LOW_BINS);
  let fine = crossing(lane, LOW_MASS, coarse.bin, LOW_BINS, wide_difference(goal, coarse.before));
  let key = (coarse.bin << LOW_BITS) | fine.bin;
  let which = whole_times(weight_of(key), wide_difference(point, wide_sum(coarse.before, fine.before)));
  tally_low(lane, row, most, key, 1u);
  let segment = crossing(lane, LOW_COUNT, 0u, LOW_BINS, vec2<u32>(which + 1u, 0u));
  if (lane == 0u) {
    var left = which - segment.before.x;
    for (var i = 0u; i < SEGMENT; i++) {
      let index = segment.bin * SEGMENT + i;
      if (index >= VOCAB) { break; }
      if (key_of(logits_load(row * VOCAB + index), most) == key) {
        drawn = index;
        if (left == 0u) { break; }
        left--;
      }
    }
  }
  return workgroupUniformLoad(&drawn);
}

// How many times `part` fits into `whole`, less than 2^20.
fn whole_times(part: u32, whole: vec2<u32>) -> u32 {
  var times = 0u;
  for (var i = 0u; i < 20u; i++) {
    let more = times | (0x80000u >> i);
    if (!wide_less(whole, wide_product(part, more))) { times = more; }
  }
  return times;
}
