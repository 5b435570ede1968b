// x and y [batch, channels, tokens], or [batch, tokens, channels] where CHANNELS_LAST.

fn place_of(batch: u32, channel: u32, token: u32) -> u32 {
  if (CHANNELS_LAST) { return (batch * params.tokens + token) * CHANNELS + channel; }
  return (batch * CHANNELS + channel) * params.tokens + token;
}
