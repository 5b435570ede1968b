// loss = log(sum(exp(logits))) - logits[target] of each row, in nats; logits [rows, vocab]; one workgroup per row, one pass
// with a running maximum. Bytes: logits once (with a reference: both twice).

// The key of the largest logit, the sum of powers beside it, and the unit that it is in.
struct Row { key: u32, sum: f32, unit: u32 }

// What powers are relative to: the largest logit, or LOWEST where that is lower.
fn most_of(key: u32) -> f32 { return unordered(max(key, ordered(LOWEST))); }

fn seen(row: Row, value: Value, unit: u32) -> Row {
  let here = key_of_largest(largest(value), has_nan(value));
  let key = max(row.key, here);
  let most = most_of(key);
  let sum = row.sum * power(most_of(row.key) - most) + total(powers(value - most));
  return Row(key, sum, select(row.unit, unit, here > row.key));
}

// Every invocation's part of a row becomes the whole row's. Uses the slots from `slot` to `slot + 2`.
fn merged(lane: Lane, slot: u32, own: Row) -> Row {
  let key = workgroup_most(lane, slot, own.key);
  let sum = workgroup_sum(lane, slot + 1u, own.sum * power(most_of(own.key) - most_of(key)));
  return Row(key, sum, ~workgroup_most(lane, slot + 2u, select(0u, ~own.unit, own.key == key)));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  let first = row * UNITS;
  var own = Row(0u, 0.0, 0u);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) { own = seen(own, logits_load(first + unit), unit); }
  }
  let all = merged(lane, 0u, own);
  if (lane.index == 0u) {
    let wanted = targets_load(row);
    var loss = 0.0;
    if (wanted < LENGTH) { loss = logarithm(all.sum) + (most_of(all.key) - element(logits_load(first + wanted / WIDTH), wanted % WIDTH)); }
    loss_store(row, loss);
  }
  compare(lane, row, all);
}
