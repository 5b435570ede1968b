// Codes of two bits: a block of 32 is two words of four quads.
alias BlockCodes = vec2<u32>;

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = 2u * (row * B_BLOCKS + block);
  return BlockCodes(b_word(at), b_word(at + 1u));
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 { return (codes[q >> 2u] >> (2u * (q & 3u))) & 0x03030303u; }
