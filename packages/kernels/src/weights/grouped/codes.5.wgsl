// Codes of five bits: a block of 32 is five words; four with the low four bits of 8 columns each, one with all high bits.
struct BlockCodes { low: vec4<u32>, high: u32 }

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = 5u * (row * B_BLOCKS + block);
  return BlockCodes(vec4<u32>(b_word(at), b_word(at + 1u), b_word(at + 2u), b_word(at + 3u)), b_word(at + 4u));
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 {
  let low = (codes.low[q >> 1u] >> (4u * (q & 1u))) & 0x0f0f0f0fu;
  return low | (((codes.high >> q) & 0x01010101u) << 4u);
}
