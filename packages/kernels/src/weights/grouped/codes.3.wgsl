// Codes of three bits: a block of 32 is three words; two with the low two bits of 16 columns each, one with all high bits.
struct BlockCodes { low: vec2<u32>, high: u32 }

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = 3u * (row * B_BLOCKS + block);
  return BlockCodes(vec2<u32>(b_word(at), b_word(at + 1u)), b_word(at + 2u));
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 {
  let low = (codes.low[q >> 2u] >> (2u * (q & 3u))) & 0x03030303u;
  return low | (((codes.high >> q) & 0x01010101u) << 2u);
}
