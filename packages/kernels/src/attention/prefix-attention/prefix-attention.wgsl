// y[t] = attention of one query per head over the keys up to t, for every t: a scan of (peak, sum, weighted values), where
// (a, u, w) and (b, x, z) make (m, u e^(a-m) + x e^(b-m), w e^(a-m) + z e^(b-m)) with m the larger peak. A workgroup takes
// CHUNK positions of a head at a time: its threads first have a position each, for scores and the running peak, and then
// channels each, for sums that go from one position to the next.
// Bytes: keys, values and outputs once.

var<workgroup> peaks: array<f32, CHUNK>;
/** What a position adds with, and what the sums before it are multiplied with. */
var<workgroup> factors: array<vec2<f32>, CHUNK>;

struct State { peak: f32, sum: f32, values: array<v_fragment, CHANNELS> }

/** A bound that compilers cannot see through: unrolling costs seconds of compilation and gains nothing. */
fn rolled(bound: u32) -> u32 { return select(bound, 0u, params.batch == 0u); }

fn score_at(batch: u32, head: u32, position: u32) -> f32 {
  if (position >= length_of(batch)) { return MASKED; }
  let at = k_at(batch, head / GROUP, position);
  var sum = 0.0;
  let units = rolled(QK_UNITS);
  for (var unit = 0u; unit < MANY; unit++) {
    if (unit >= units) { break; }
    sum += qk_dot(q_load(head * QK_UNITS + unit), k_load(at + unit));
  }
  let s = sum * SCALE;
  if (SOFTCAP > 0.0) { return keep_nan(s, SOFTCAP * tanh(clamp(s / SOFTCAP, -15.0, 15.0))); }
  return s;
}

/** Fills `factors` from the scores of a chunk, given the peak before it; returns the peak after it. */
fn scan_peaks(lane: u32, s: f32, before: f32) -> f32 {
  workgroupBarrier();
  peaks[lane] = s;
  workgroupBarrier();
  let steps = rolled(LOG_CHUNK);
  for (var step = 0u; step < MANY; step++) {
    if (step >= steps) { break; }
    var other = MASKED;
    if (lane >= (1u << step)) { other = peaks[lane - (1u << step)]; }
    workgroupBarrier();
    peaks[lane] = larger(peaks[lane], other);
    workgroupBarrier();
  }
  var previous = before;
  if (lane > 0u) { previous = larger(before, peaks[lane - 1u]); }
  let peak = larger(before, peaks[lane]);
  factors[lane] = vec2<f32>(select(0.0, bounded_power(s - peak), is_seen(s)), bounded_power(previous - peak));
  workgroupBarrier();
  return larger(before, peaks[CHUNK - 1u]);
}

/** Takes the sums over a chunk whose `factors` are ready; with `outputs`, every prefix is stored. */
fn scan_values(lane: u32, batch: u32, head: u32, first: u32, outputs: bool, state: ptr<function, State>) {
  let end = min(rolled(CHUNK), params.keys - first);
  for (var t = 0u; t < MANY; t++) {
    if (t >= end) { break; }
    let position = first + t;
    let factor = factors[t];
    (*state).sum = fma((*state).sum, factor.y, factor.x);
    let v = v_at(batch, head / GROUP, position);
    let y = y_at(batch, head, position);
    let normal = select(0.0, 1.0 / (*state).sum, is_some((*state).sum));
    for (var e = 0u; e < CHANNELS; e++) {
      let unit = lane + e * CHUNK;
      let value = fma((*state).values[e], v_fragment(factor.y), v_fragment(factor.x) * v_load(v + min(unit, V_UNITS - 1u)));
      (*state).values[e] = value;
      if (outputs && unit < V_UNITS) { y_store(y + unit, value * normal); }
    }
  }
}
