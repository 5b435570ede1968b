// Rows of a cache as integers of BITS bits: x = low + scale * code, with a scale and a least value for each block of
// GROUP_TOKENS tokens by GROUP_CHANNELS channels. One invocation per group of tokens and strip of channels, which is one
// block, or the blocks that share words of codes. Bytes: x read twice (the second time from cache), codes written once.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linear_workgroup(id, count) * WORKGROUP + lane;
  let groups = (params.tokens + GROUP_TOKENS - 1u) / GROUP_TOKENS;
  let strip = at % STRIPS;
  let group = at / STRIPS % groups;
  let line = at / STRIPS / groups;
  if (line >= params.batch * KV_HEADS) { return; }
  let batch = line / KV_HEADS;
  let head = line % KV_HEADS;
  let start = starts_load(batch);
  let token = group * GROUP_TOKENS;
  let row = start / GROUP_TOKENS * GROUP_TOKENS + token;
  if (start >= CAPACITY || row >= CAPACITY) { return; }
  let tokens = min(min(GROUP_TOKENS, params.tokens - token), CAPACITY - row);
  let plane = line * PLANE_WORDS;
  let block = plane + CODE_WORDS + (row / GROUP_TOKENS * CHANNEL_GROUPS + strip * STRIP_GROUPS) * 2u;

  var lows: array<f32, STRIP_GROUPS>;
  var inverses: array<f32, STRIP_GROUPS>;
  for (var g = 0u; g < STRIP_GROUPS; g++) {
    let first = strip * STRIP_CHANNELS + g * GROUP_CHANNELS;
    if (first >= SIZE) { break; }
    let end = min(first + GROUP_CHANNELS, SIZE);
    var low = x_load(x_at(batch, head, token) + first);
    var high = low;
    var met_nan = false;
    for (var t = 0u; t < MANY; t++) {
      if (t >= tokens) { break; }
      let begin = x_at(batch, head, token + t);
      for (var c = first; c < MANY; c++) {
        if (c >= end) { break; }
        let value = x_load(begin + c);
        low = min(low, value);
        high = max(high, value);
        met_nan = met_nan || (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
      }
    }
    let scale = (high - low) * (1.0 / LEVELS);
    lows[g] = low;
    // Of a range that f32 hardly tells from nothing, of one that is infinite, and of NaN, the codes are 0.
    inverses[g] = 0.0;
    if (scale > 1e-35 && bitcast<u32>(scale) < 0x7f800000u && !met_nan) { inverses[g] = 1.0 / scale; }
    cache_store(block + 2u * g, select(bitcast<u32>(scale), 0x7fc00000u, met_nan));
    cache_store(block + 2u * g + 1u, select(bitcast<u32>(low), 0x7fc00000u, met_nan));
  }

  for (var t = 0u; t < MANY; t++) {
    if (t >= tokens) { break; }
    let begin = x_at(batch, head, token + t);
    let to = plane + (row + t) * ROW_WORDS + strip * STRIP_WORDS;
    for (var w = 0u; w < STRIP_WORDS; w++) {
      if (strip * STRIP_WORDS + w >= ROW_WORDS) { break; }
      var word = 0u;
      for (var c = 0u; c < CODES_PER_WORD; c++) {
        let within = w * CODES_PER_WORD + c;
        let channel = strip * STRIP_CHANNELS + within;
        if (channel >= SIZE) { break; }
        let g = within / GROUP_CHANNELS;
        let code = clamp(floor((x_load(begin + channel) - lows[g]) * inverses[g] + 0.5), 0.0, LEVELS);
        if (inverses[g] != 0.0) { word |= u32(code) << (c * BITS); }
      }
      cache_store(to + w, word);
    }
  }
}
