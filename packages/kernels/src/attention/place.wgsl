// What every attention kernel shares: places of rows and scores, the keys a query may see, and a score from its sum.
// The fragments (`qk_fragment`, `v_fragment`, `qk_dot`), addresses (`q_at` …) and `length_of` come with the prelude.

struct Token { batch: u32, head: u32, index: u32, at: u32 }
struct Pair { batch: u32, head: u32, query: u32, key: u32, position: i32, length: u32 }
struct Tile { batch: u32, head: u32, heads: u32, query: u32, queries: u32, key: u32, keys: u32 }

/** Where a query stands among the keys; negative when there are more queries than keys. */
fn position_of(query: u32, length: u32) -> i32 {
  return i32(query) + select(0i, i32(length) - i32(params.queries), ALIGN_END);
}

/** First key and the one after the last that a query at `position` may see. */
fn visible_keys(position: i32, length: u32) -> vec2<u32> {
  var first = 0i;
  var end = i32(length);
  if (CAUSAL) { end = min(end, position + 1i); }
  if (WINDOW_RIGHT >= 0i) { end = min(end, position + WINDOW_RIGHT + 1i); }
  if (WINDOW_LEFT >= 0i) { first = max(first, position - WINDOW_LEFT); }
  return vec2<u32>(u32(first), u32(max(end, 0i)));
}

/** Scale, soft-cap and bias. */
fn score_of(sum: f32, pair: Pair) -> f32 {
  var s = sum * SCALE;
  if (SOFTCAP > 0.0) { s = SOFTCAP * tanh(clamp(s / SOFTCAP, -15.0, 15.0)); }
  return score(s, pair);
}
