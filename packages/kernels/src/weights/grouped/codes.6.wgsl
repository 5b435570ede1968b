// Codes of six bits: a block of 32 is six words; four with the low four bits of 8 columns each, two with the high two of 16.
struct BlockCodes { low: vec4<u32>, high: vec2<u32> }

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = 6u * (row * B_BLOCKS + block);
  return BlockCodes(
    vec4<u32>(b_word(at), b_word(at + 1u), b_word(at + 2u), b_word(at + 3u)),
    vec2<u32>(b_word(at + 4u), b_word(at + 5u)),
  );
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 {
  let low = (codes.low[q >> 1u] >> (4u * (q & 1u))) & 0x0f0f0f0fu;
  return low | (((codes.high[q >> 2u] >> (2u * (q & 3u))) & 0x03030303u) << 4u);
}
