// Without biases: y_t = sigmoid(q_t) * (sum of exp(k_s) v_s) / (sum of exp(k_s)) as a scan of weighted sums, each relative to its own largest exponent;
// q, k, v and y [batch, tokens, channels], row-major. Bytes: q, k and v read and y written once by a walk, k and v twice in parts.

struct Element { peak: Value, sum: Value, weights: Value }

fn identity() -> Element { return Element(Value(-3.0e38), Value(0.0), Value(0.0)); }

fn combine(earlier: Element, later: Element) -> Element {
  let peak = larger(earlier.peak, later.peak);
  let a = weight_of(earlier.peak - peak);
  let b = weight_of(later.peak - peak);
  return Element(peak, a * earlier.sum + b * later.sum, a * earlier.weights + b * later.weights);
}

fn place_of(batch: u32, token: u32, unit: u32) -> u32 { return (batch * params.tokens + token) * UNITS + unit; }

fn scan_load(batch: u32, token: u32, unit: u32) -> Element {
  let place = place_of(batch, token, unit);
  return Element(k_load(place), v_load(place), Value(1.0));
}

fn scan_start(batch: u32, unit: u32) -> Element { return identity(); }

fn scan_emit(batch: u32, token: u32, unit: u32, before: Element, prefix: Element) {
  let place = place_of(batch, token, unit);
  y_store(place, gate_of(q_load(place)) * prefix.sum / prefix.weights);
}

fn scan_finish(batch: u32, unit: u32, whole: Element) {}
