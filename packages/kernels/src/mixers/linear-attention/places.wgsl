// q [batch, tokens, heads, key_size], k [batch, keys, key_heads, key_size], v [batch, keys, value_heads, value_size], row-major; a state
// [key_size, value_size] for each of value_heads. Heads share in groups of neighbours.

struct Place { batch: u32, head: u32, token: u32 }

// Where the token of a step of a sequence lies in its batch row.
fn token_of(sequence: Sequence, step: u32) -> u32 {
  return sequence.first + select(step, sequence.count - 1u - step, REVERSE);
}

// Keys may be as many as they like where they are counted apart: then each batch row is a sequence.
fn key_count(sequence: Sequence) -> u32 { return select(sequence.count, params.keys, CROSS); }
fn key_token(sequence: Sequence, step: u32) -> u32 { return select(token_of(sequence, step), step, CROSS); }

fn state_row(place: Place) -> u32 { return (place.batch * params.keys + place.token) * VALUE_HEADS + place.head; }

fn key_at(place: Place, i: u32) -> f32 {
  let row = (place.batch * params.keys + place.token) * KEY_HEADS + place.head * KEY_HEADS / VALUE_HEADS;
  return feature_map(FEATURE_SCALE * k_load(row * KEY_SIZE + i));
}

fn key_value(place: Place, column: u32) -> f32 { return v_load(state_row(place) * VALUE_SIZE + column); }

fn query_at(batch: u32, token: u32, output: u32, i: u32) -> f32 {
  let row = (batch * params.tokens + token) * HEADS + output * HEADS / OUTPUTS;
  return feature_map(FEATURE_SCALE * q_load(row * KEY_SIZE + i));
}

fn state_at(sequence: u32, head: u32, i: u32, column: u32) -> u32 {
  let line = sequence * VALUE_HEADS + head;
  return select((line * KEY_SIZE + i) * VALUE_SIZE + column, (line * VALUE_SIZE + column) * KEY_SIZE + i, VALUE_FIRST);
}

fn decay_factor(logarithm: f32) -> f32 { return keep_nan(logarithm, exp(max(logarithm, -104.0))); }

// A state times the decay of that logarithm, which keeps its digits where the decay is near 1.
fn decayed(state: f32, logarithm: f32) -> f32 {
  let loss = logarithm * (1.0 + logarithm * (0.5 + logarithm * (1.0 / 6.0 + logarithm / 24.0)));
  return select(decay_factor(logarithm) * state, state + loss * state, abs(logarithm) < 0.03);
}
