// h_t = exp(step_t * rate) * h_(t-1) + step_t x_t b_t, y_t = h_t . c_t, of a channel with STATES numbers in registers; x, delta, z and y
// [batch, tokens, channels], b and c [batch, tokens, groups, states], rate [channels, states], row-major; states [batch, channels,
// states]. Bytes: x, delta and z read and y written once; b and c once for each channel, from caches; in chunks all but z twice.

struct Line { sequence: Sequence, channel: u32 }

fn row_of(line: Line, step: u32) -> u32 {
  let sequence = line.sequence;
  return sequence.batch * params.tokens + sequence.first + select(step, sequence.count - 1u - step, REVERSE);
}

fn decay_factor(logarithm: f32) -> f32 { return keep_nan(logarithm, exp(max(logarithm, -104.0))); }

// A state times the decay of that logarithm, which keeps its digits where the decay is near 1.
fn decayed(state: f32, logarithm: f32) -> f32 {
  let loss = logarithm * (1.0 + logarithm * (0.5 + logarithm * (1.0 / 6.0 + logarithm / 24.0)));
  return select(decay_factor(logarithm) * state, state + loss * state, abs(logarithm) < 0.03);
}

fn group_at(line: Line, row: u32) -> u32 {
  return (row * GROUPS + line.channel * GROUPS / CHANNELS) * STATES;
}

// Takes a state past a token, and returns the token's step.
fn learn(line: Line, turn: u32, state: ptr<function, array<f32, STATES>>) -> f32 {
  let row = row_of(line, turn);
  let at = row * CHANNELS + line.channel;
  let size = step_at(at);
  let news = size * x_load(at);
  let group = group_at(line, row);
  for (var n = 0u; n < STATES; n++) {
    let rate = rate_load(line.channel * STATES + n);
    (*state)[n] = decayed((*state)[n], size * rate) + news * b_load(group + n);
  }
  return size;
}

fn emit_token(line: Line, turn: u32, state: ptr<function, array<f32, STATES>>) {
  let row = row_of(line, turn);
  let at = row * CHANNELS + line.channel;
  let group = group_at(line, row);
  var y = 0.0;
  for (var n = 0u; n < STATES; n++) { y += (*state)[n] * c_load(group + n); }
  y_store(at, emitted(line.channel, at, x_load(at), y));
}

fn load_state(line: Line, state: ptr<function, array<f32, STATES>>) {
  for (var n = 0u; n < STATES; n++) {
    (*state)[n] = state_before((line.sequence.number * CHANNELS + line.channel) * STATES + n);
  }
}

fn keep_states(line: Line, state: ptr<function, array<f32, STATES>>) {
  for (var n = 0u; n < STATES; n++) {
    keep_state((line.sequence.number * CHANNELS + line.channel) * STATES + n, (*state)[n]);
  }
}
