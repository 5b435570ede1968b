// Codes of eight bits: a block of 32 is two vec4 of words, a word is a quad. Rows are B_ROW vec4: the second half of the last block
// may be missing.
struct BlockCodes { low: vec4<u32>, high: vec4<u32> }

fn b_codes(row: u32, block: u32) -> BlockCodes {
  let at = row * B_ROW + 2u * block;
  if (B_ROW % 2u == 0u) { return BlockCodes(b[at], b[at + 1u]); }
  return BlockCodes(b[at], select(vec4<u32>(B_FILL), b[at + 1u], 2u * block + 1u < B_ROW));
}

fn b_bytes(codes: BlockCodes, q: u32) -> u32 { return select(codes.high[q & 3u], codes.low[q & 3u], q < 4u); }
