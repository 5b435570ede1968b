// The SELECTED keys of the largest scores for each query, best first, the lowest index first among equals; no score is stored
// that cannot be among them. Each row has CANDIDATES places in workgroup memory: the best so far, in order, and what has come
// since and beats the last of them. Where the next tile of keys might not fit, the places are sorted and the best kept.
// Bytes: keys once per workgroup, what was chosen once.

const NO_KEY = 0xffffffffu;
const WORKGROUP = THREADS_X * THREADS_Y;

var<workgroup> candidate_scores: array<f32, TILE_ROWS * CANDIDATES>;
var<workgroup> candidate_keys: array<u32, TILE_ROWS * CANDIDATES>;
var<workgroup> filled: array<atomic<u32>, TILE_ROWS>;
var<workgroup> thresholds: array<f32, TILE_ROWS>;
var<workgroup> crowded: bool;

fn seen_keys(position: i32, length: u32) -> vec2<u32> { return visible_keys(position, length); }

fn is_better(a: u32, b: u32) -> bool {
  let score = candidate_scores[a];
  let other = candidate_scores[b];
  return score > other || (score == other && candidate_keys[a] < candidate_keys[b]);
}

/** Sorts the places of all rows, best first (a bitonic network), and keeps the best of each. */
fn keep_best(lane: u32) {
  for (var step = 0u; step < MANY; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= TILE_ROWS * CANDIDATES) { break; }
    if (i % CANDIDATES >= atomicLoad(&filled[i / CANDIDATES])) {
      candidate_scores[i] = MASKED;
      candidate_keys[i] = NO_KEY;
    }
  }
  workgroupBarrier();
  for (var stage = 1u; stage <= LOG_CANDIDATES; stage++) {
    for (var part = 1u; part <= stage; part++) {
      let stride = 1u << (stage - part);
      for (var step = 0u; step < MANY; step++) {
        let i = step * WORKGROUP + lane;
        if (i >= TILE_ROWS * CANDIDATES / 2u) { break; }
        let first = i / stride * 2u * stride + i % stride;
        let descending = ((first % CANDIDATES) & (1u << stage)) == 0u;
        if (is_better(first + stride, first) == descending) {
          let score = candidate_scores[first];
          let key = candidate_keys[first];
          candidate_scores[first] = candidate_scores[first + stride];
          candidate_keys[first] = candidate_keys[first + stride];
          candidate_scores[first + stride] = score;
          candidate_keys[first + stride] = key;
        }
      }
      workgroupBarrier();
    }
  }
  for (var step = 0u; step < MANY; step++) {
    let row = step * WORKGROUP + lane;
    if (row >= TILE_ROWS) { break; }
    let kept = min(atomicLoad(&filled[row]), SELECTED);
    atomicStore(&filled[row], kept);
    if (kept == SELECTED) { thresholds[row] = candidate_scores[row * CANDIDATES + SELECTED - 1u]; }
  }
  workgroupBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let queries = queries_of(block, lane);
  let first_own = lane / THREADS_X * ROWS;
  for (var step = 0u; step < MANY; step++) {
    let row = step * WORKGROUP + lane;
    if (row >= TILE_ROWS) { break; }
    atomicStore(&filled[row], 0u);
    thresholds[row] = MASKED;
  }
  workgroupBarrier();

  for (var step = 0u; step < MANY; step++) {
    let first_key = (block.first_tile + step) * TILE_KEYS;
    let is_last = first_key >= block.end_key;
    if (!is_last) {
      let verdict = mask_tile(tile_of(block, first_key));
      if (verdict == 0u) { continue; }
      let s = tile_scores(block, queries, lane, first_key, verdict);
      for (var i = 0u; i < ROWS; i++) {
        let row = first_own + i;
        for (var j = 0u; j < COLUMNS; j++) {
          // Keys come in ascending order, so an equal of the last that is kept comes too late.
          if (s[i][j] > thresholds[row]) {
            let at = row * CANDIDATES + atomicAdd(&filled[row], 1u);
            candidate_scores[at] = s[i][j];
            candidate_keys[at] = first_key + lane % THREADS_X * COLUMNS + j;
          }
        }
      }
    }
    workgroupBarrier();
    if (lane == 0u) {
      var most = 0u;
      for (var row = 0u; row < MANY; row++) {
        if (row >= TILE_ROWS) { break; }
        most = max(most, atomicLoad(&filled[row]));
      }
      crowded = most + TILE_KEYS > CANDIDATES;
    }
    let is_crowded = workgroupUniformLoad(&crowded);
    if (is_crowded || is_last) { keep_best(lane); }
    if (is_last) { break; }
  }

  let rows = min(TILE_ROWS, block.rows - block.first_row);
  for (var step = 0u; step < MANY; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= rows * SELECTED) { break; }
    let place = block.first_row + i / SELECTED;
    let at = row_of(block.batch, block.head + place % PACK, place / PACK) * SELECTED + i % SELECTED;
    let source = i / SELECTED * CANDIDATES + i % SELECTED;
    indices_store(at, candidate_keys[source]);
    store_score(at, select(0.0, candidate_scores[source], candidate_keys[source] != NO_KEY));
  }
}
