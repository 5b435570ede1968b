// loss = log(sum(exp(logits))) - logits[target] of each row, in nats; logits [rows, vocab]; one workgroup per row, one pass
// with a running maximum. Bytes: logits once (with a reference: both twice).

struct Row { most: f32, sum: f32, unit: u32 }

fn seen(row: Row, value: Value, unit: u32) -> Row {
  let here = largest(value);
  let most = max(row.most, here);
  let sum = row.sum * exp(row.most - most) + total(exp(value - most));
  return Row(most, sum, select(row.unit, unit, here > row.most));
}

// Every invocation's part of a row becomes the whole row's. Uses the slots from `slot` to `slot + 2`.
fn merged(lane: Lane, slot: u32, own: Row) -> Row {
  let most = workgroup_max(lane, slot, own.most);
  let sum = workgroup_sum(lane, slot + 1u, own.sum * exp(own.most - most));
  let unit = -workgroup_max(lane, slot + 2u, select(LOWEST, -f32(own.unit), own.most == most));
  return Row(most, sum, u32(unit));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, lane: Lane) {
  let row = linear_workgroup(group, groups);
  if (row >= params.rows) { return; }
  let first = row * UNITS;
  // Beginning with the row's first unit needs no sentinel, which a masked row might fall below.
  var own = Row(largest(logits_load(first)), 0.0, 0u);
  for (var step = 0u; step < STEPS; step++) {
    let unit = step * WORKGROUP + lane.index;
    if (unit < UNITS) { own = seen(own, logits_load(first + unit), unit); }
  }
  let all = merged(lane, 0u, own);
  if (lane.index == 0u) {
    let wanted = targets_load(row);
    var loss = 0.0;
    if (wanted < LENGTH) { loss = log(all.sum) + (all.most - element(logits_load(first + wanted / WIDTH), wanted % WIDTH)); }
    loss_store(row, loss);
  }
  compare(lane, row, all);
}
