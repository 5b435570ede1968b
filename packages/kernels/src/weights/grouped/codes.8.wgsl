// Codes of eight bits: a block of 32 is two vec4 of words, a word is a quad.
struct BlockCodes { low: vec4<u32>, high: vec4<u32> }

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = 2u * (row * B_BLOCKS + block);
  return BlockCodes(b[at], b[at + 1u]);
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 { return select(codes.high[q & 3u], codes.low[q & 3u], q < 4u); }
