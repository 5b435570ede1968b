// x and y [batch, channels, tokens], or [batch, tokens, channels] where CHANNELS_LAST.

// `token` counts from the first of the sequence.
fn place_of(sequence: Sequence, channel: u32, token: u32) -> u32 {
  let place = sequence.first + token;
  if (CHANNELS_LAST) { return (sequence.batch * params.tokens + place) * CHANNELS + channel; }
  return (sequence.batch * CHANNELS + channel) * params.tokens + place;
}
