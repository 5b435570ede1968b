// The SELECTED keys of the largest scores for each query, best first, the lowest index first among equals; no score is stored
// that cannot be among them. Each row has CANDIDATES places in workgroup memory: the best so far, in order, and what has come
// since and beats the last of them. Where the next tile of keys might not fit, each counts who is ahead of it, and the best are kept.
// Bytes: keys once per workgroup, what was chosen once.

const NO_KEY = 0xffffffffu;
const WORKGROUP = THREADS_X * THREADS_Y;

// Scores in order, see numbers/ordered.wgsl.
var<workgroup> candidate_scores: array<u32, TILE_ROWS * CANDIDATES>;
var<workgroup> candidate_keys: array<u32, TILE_ROWS * CANDIDATES>;
var<workgroup> kept_scores: array<u32, TILE_ROWS * SELECTED>;
var<workgroup> kept_keys: array<u32, TILE_ROWS * SELECTED>;
var<workgroup> filled: array<atomic<u32>, TILE_ROWS>;
var<workgroup> counts: array<u32, TILE_ROWS>;
var<workgroup> thresholds: array<u32, TILE_ROWS>;
var<workgroup> crowded: bool;

fn seen_keys(position: i32, length: u32) -> vec2<u32> { return visible_keys(position, length); }

// Leaves the best of the candidates that `counts` says in the first places of each row, in order.
fn keep_best(lane: u32) {
  for (var row = 0u; row < MANY; row++) {
    if (row >= TILE_ROWS) { break; }
    let first = row * CANDIDATES;
    let count = counts[row];
    for (var step = 0u; step < MANY; step++) {
      // Four at a time for one reading of the others.
      let place = step * WORKGROUP * 4u + lane + vec4<u32>(0u, 1u, 2u, 3u) * WORKGROUP;
      if (place.x >= count) { break; }
      let at = first + min(place, vec4<u32>(count - 1u));
      let score = vec4<u32>(
        candidate_scores[at.x], candidate_scores[at.y], candidate_scores[at.z], candidate_scores[at.w]
      );
      let key = vec4<u32>(candidate_keys[at.x], candidate_keys[at.y], candidate_keys[at.z], candidate_keys[at.w]);
      var ahead = vec4<u32>();
      for (var i = 0u; i < MANY; i++) {
        if (i >= count) { break; }
        let other = vec4<u32>(candidate_scores[first + i]);
        let other_key = vec4<u32>(candidate_keys[first + i]);
        let is_ahead = (other > score) | ((other == score) & (other_key < key));
        ahead += select(vec4<u32>(), vec4<u32>(1u), is_ahead);
      }
      for (var i = 0u; i < 4u; i++) {
        if (place[i] < count && ahead[i] < SELECTED) {
          kept_scores[row * SELECTED + ahead[i]] = score[i];
          kept_keys[row * SELECTED + ahead[i]] = key[i];
        }
      }
    }
  }
  workgroupBarrier();
  for (var step = 0u; step < MANY; step++) {
    let i = step * WORKGROUP + lane;
    if (i >= TILE_ROWS * SELECTED) { break; }
    let row = i / SELECTED;
    let place = i % SELECTED;
    let kept = min(counts[row], SELECTED);
    if (place < kept) {
      candidate_scores[row * CANDIDATES + place] = kept_scores[i];
      candidate_keys[row * CANDIDATES + place] = kept_keys[i];
    }
    if (place == 0u) { atomicStore(&filled[row], kept); }
    if (place == SELECTED - 1u && place < kept) { thresholds[row] = kept_scores[i]; }
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
    thresholds[row] = ordered(MASKED);
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
        let threshold = thresholds[row];
        for (var j = 0u; j < COLUMNS; j++) {
          let score = ordered(s[i][j]);
          // Keys come in ascending order, so an equal of the last that is kept comes too late.
          if (score > threshold) {
            let at = row * CANDIDATES + atomicAdd(&filled[row], 1u);
            candidate_scores[at] = score;
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
        counts[row] = atomicLoad(&filled[row]);
        most = max(most, counts[row]);
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
    let row = i / SELECTED;
    let place = block.first_row + row;
    let at = row_of(block.batch, block.head + place % PACK, place / PACK) * SELECTED + i % SELECTED;
    let is_key = i % SELECTED < counts[row];
    indices_store(at, select(NO_KEY, kept_keys[i], is_key));
    store_score(at, select(0.0, unordered(kept_scores[i]), is_key));
  }
}
