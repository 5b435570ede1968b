// Scores of a row with the keys that the slot `select` names, CHUNK of them at a time, an invocation to a row. They wait in
// workgroup memory, each invocation's in a column of its own, so nobody waits for anybody. `pair.key` is the key's true place.

const NO_KEY = 0xffffffffu;
/** Keys scored at a time, for one reading of the query. */
const KEYS_AT_ONCE = 8u;

var<workgroup> named: array<u32, CHUNK * THREADS>;
var<workgroup> weights: array<f32, CHUNK * THREADS>;

/** A query with what its pairs have in common. */
struct Row {
  token: Token,
  kv_head: u32,
  position: i32,
  length: u32,
}

fn row_at(token: Token) -> Row {
  return Row(token, token.head / GROUP, query_position(token.batch, token.index), length_of(token.batch));
}

fn pair_of(row: Row, key: u32) -> Pair {
  return Pair(row.token.batch, row.token.head, row.token.index, key, row.position, row.length);
}

/**
 * Leaves keys and scores of the places from `first` on in `named` and `weights`, NO_KEY where a place has none that is seen,
 * and gives the largest score. Keys that are not there are never read.
 */
fn score_chunk(row: Row, lane: u32, first: u32, count: u32) -> f32 {
  let span = visible_keys(row.position, row.length);
  for (var place = 0u; place < MANY; place++) {
    if (place >= count) { break; }
    let key = select_key(row.token, first + place);
    named[place * THREADS + lane] = select(NO_KEY, key, key < row.length && key >= span.x && key < span.y);
  }

  // A bound that compilers cannot see through: unrolling the loop costs seconds of compilation and gains nothing.
  let units = select(QK_UNITS, 0u, params.queries == 0u);
  for (var begin = 0u; begin < MANY; begin += KEYS_AT_ONCE) {
    if (begin >= count) { break; }
    var keys: array<Token, KEYS_AT_ONCE>;
    var s: array<f32, KEYS_AT_ONCE>;
    for (var j = 0u; j < KEYS_AT_ONCE; j++) {
      let key = named[min(begin + j, count - 1u) * THREADS + lane];
      // Instead of none, the first key is read, and not used.
      let source = select(key, 0u, key == NO_KEY);
      keys[j] = Token(row.token.batch, row.kv_head, source, load_k_at(row.token.batch, row.kv_head, source));
      s[j] = 0.0;
    }
    for (var unit = 0u; unit < MANY; unit++) {
      if (unit >= units) { break; }
      let q = load_q(row.token, unit);
      for (var j = 0u; j < KEYS_AT_ONCE; j++) { s[j] = similarity(s[j], q, load_k(keys[j], unit), unit); }
    }
    for (var j = 0u; j < KEYS_AT_ONCE; j++) {
      if (begin + j < count) { weights[(begin + j) * THREADS + lane] = s[j]; }
    }
  }

  var largest = MASKED;
  for (var place = 0u; place < MANY; place++) {
    if (place >= count) { break; }
    let at = place * THREADS + lane;
    if (named[at] == NO_KEY) { continue; }
    let pair = pair_of(row, named[at]);
    let value = mask(score_of(weights[at], pair), pair);
    weights[at] = value;
    if (is_seen(value)) { largest = max(largest, value); } else { named[at] = NO_KEY; }
  }
  return largest;
}
