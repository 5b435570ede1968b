// KL divergence of the model from a reference, and whether both have the same likeliest token.
//
// sum(p * d) with d = log p - log q is a small difference of large terms, and wrong by any error of the normalisers. Because
// p and q both sum to 1, it equals sum(q - p + p * d): no term is negative, and errors of the normalisers cancel.
fn compare(lane: Lane, row: u32, model: Row) {
  let first = row * UNITS;
  var own = Row(0u, 0.0, 0u);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) { own = seen(own, reference_load(first + unit), unit); }
  }
  let other = merged(lane, 3u, own);
  let shift = logarithm(model.sum) - logarithm(other.sum);
  var sum = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) {
      let log_p = reference_load(first + unit) - most_of(other.key);
      let log_q = logits_load(first + unit) - most_of(model.key);
      let p = powers(log_p) / other.sum;
      let q = powers(log_q) / model.sum;
      let d = (log_p - log_q) + shift;
      // exp(-d) - 1 + d by its series, where subtracting would leave no digits.
      let series = d * d * (0.5 + d * (-1.0 / 6.0 + d * (1.0 / 24.0 + d * (-1.0 / 120.0 + d * (1.0 / 720.0 - d / 5040.0)))));
      sum += total(select((q - p) + p * d, p * series, abs(d) < Value(0.3)));
    }
  }
  sum = workgroup_sum(lane, 6u, sum);
  if (lane.index == 0u) {
    let ours = model.unit * WIDTH + first_with(logits_load(first + model.unit), model.key);
    let theirs = other.unit * WIDTH + first_with(reference_load(first + other.unit), other.key);
    kl_store(row, sum);
    agree_store(row, select(0u, 1u, ours == theirs));
  }
}
