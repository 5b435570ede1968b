// y = for each query the mean of all values, or the mean or sum of those up to its place. v [batch, kv_heads, keys, value_size],
// y [batch, queries, heads, value_size]. A workgroup has UNITS fragments of one head, and SEGMENTS threads for each, which sum
// a stretch of keys apiece; what goes by before a stretch is the sum of the stretches before it.
// Bytes: values once for the mean, twice for running ones, outputs once.

const WORKGROUP = SEGMENTS * UNITS;
const UNIT_BLOCKS = (V_UNITS + UNITS - 1u) / UNITS;

var<workgroup> totals: array<v_fragment, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let task = linear_workgroup(id, count);
  let head = task / UNIT_BLOCKS % HEADS;
  let batch = task / UNIT_BLOCKS / HEADS;
  if (batch >= params.batch) { return; }
  let own = task % UNIT_BLOCKS * UNITS + lane % UNITS;
  let unit = min(own, V_UNITS - 1u);
  let segment = lane / UNITS;
  let kv_head = head / GROUP;
  let length = length_of(batch);
  let stretch = (length + SEGMENTS - 1u) / SEGMENTS;
  let first = min(segment * stretch, length);
  let end = min(first + stretch, length);

  var sum = v_fragment();
  for (var i = 0u; i < MANY; i++) {
    let key = first + i;
    if (key >= end) { break; }
    sum += load_v(Token(batch, kv_head, key, load_v_at(batch, kv_head, key)), unit);
  }
  totals[lane] = sum;
  workgroupBarrier();
  // A bound that compilers cannot see through: unrolling the loop costs seconds of compilation and gains nothing.
  let segments = select(SEGMENTS, 0u, params.queries == 0u);
  var total = v_fragment();
  var running = v_fragment();
  for (var i = 0u; i < MANY; i++) {
    if (i >= segments) { break; }
    if (i == segment) { running = total; }
    total += totals[i * UNITS + lane % UNITS];
  }
  if (own >= V_UNITS) { return; }
  let whole = select(total / f32(max(length, 1u)), total, SUM);

  if (RUNNING) {
    let shift = shift_of(batch);
    for (var i = 0u; i < MANY; i++) {
      let key = first + i;
      if (key >= end) { break; }
      running += load_v(Token(batch, kv_head, key, load_v_at(batch, kv_head, key)), unit);
      let query = i32(key) - shift;
      if (query >= 0i && query < i32(params.queries)) {
        store_row(batch, head, u32(query), own, select(running / f32(key + 1u), running, SUM));
      }
    }
  }
  // Queries that no key stands at: before the first they see nothing, after the last everything. Without order, all of them.
  for (var i = 0u; i < MANY; i++) {
    let query = i * SEGMENTS + segment;
    if (query >= params.queries) { break; }
    let position = query_position(batch, query);
    if (!RUNNING || position >= i32(length)) {
      store_row(batch, head, query, own, whole);
    } else if (position < 0i) {
      store_row(batch, head, query, own, v_fragment());
    }
  }
}

fn store_row(batch: u32, head: u32, query: u32, unit: u32, value: v_fragment) {
  epilogue(Token(batch, head, query, y_at(batch, head, query)), unit, value);
}
