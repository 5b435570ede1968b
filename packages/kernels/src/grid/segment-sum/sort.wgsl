// Lists of the tokens of each segment, in their order: a counting sort without atomics, one workgroup per list of an
// assignment [batch, LISTS, tokens]. WORKGROUP tokens at a time; each counts the equals before it among them, and the last of a
// segment's tokens writes how many there are so far. Bytes: the assignment three times, ranks and order once or twice.
//
// starts [batch, LISTS, segments + 1]: where a segment's tokens begin in `order` [batch, LISTS, tokens].

const NONE = 0xffffffffu;
var<workgroup> chunk: array<u32, WORKGROUP>;

// The segment of a token, or NONE.
fn segment_of(row: u32, token: u32) -> u32 {
  if (token >= params.tokens) { return NONE; }
  let segment = assignment_load(row * params.tokens + token);
  return select(NONE, segment, segment < params.segments);
}

@compute @workgroup_size(WORKGROUP)
fn sort(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(id, count);
  if (row >= params.batch * LISTS) { return; }
  let first_start = row * (params.segments + 1u);
  let first_token = row * params.tokens;

  for (var step = 0u; step < MANY; step++) {
    let segment = step * WORKGROUP + lane;
    if (segment >= params.segments) { break; }
    starts_store(first_start + segment, 0u);
  }
  storageBarrier();

  // How many tokens each segment has, and how many of them come before each token.
  for (var step = 0u; step < MANY; step++) {
    if (step * WORKGROUP >= params.tokens) { break; }
    let token = step * WORKGROUP + lane;
    let segment = segment_of(row, token);
    chunk[lane] = segment;
    workgroupBarrier();
    var rank = 0u;
    if (segment != NONE) { rank = starts_load(first_start + segment); }
    var later = 0u;
    for (var i = 0u; i < WORKGROUP; i++) {
      let same = select(0u, 1u, chunk[i] == segment);
      if (i < lane) { rank += same; }
      if (i > lane) { later += same; }
    }
    storageBarrier();
    workgroupBarrier();
    if (segment != NONE) {
      ranks_store(first_token + token, rank);
      if (later == 0u) { starts_store(first_start + segment, rank + 1u); }
    }
    storageBarrier();
  }

  // Where each segment begins: the sum of the counts before it.
  var total = 0u;
  for (var step = 0u; step < MANY; step++) {
    if (step * WORKGROUP >= params.segments) { break; }
    let segment = step * WORKGROUP + lane;
    var own = 0u;
    if (segment < params.segments) { own = starts_load(first_start + segment); }
    chunk[lane] = own;
    workgroupBarrier();
    var before = total;
    for (var i = 0u; i < WORKGROUP; i++) {
      if (i < lane) { before += chunk[i]; }
      total += chunk[i];
    }
    workgroupBarrier();
    if (segment < params.segments) { starts_store(first_start + segment, before); }
  }
  if (lane == 0u) { starts_store(first_start + params.segments, total); }
  storageBarrier();

  for (var step = 0u; step < MANY; step++) {
    let token = step * WORKGROUP + lane;
    if (token >= params.tokens) { break; }
    let segment = segment_of(row, token);
    if (segment == NONE) { continue; }
    order_store(first_token + starts_load(first_start + segment) + ranks_load(first_token + token), token);
  }
}
