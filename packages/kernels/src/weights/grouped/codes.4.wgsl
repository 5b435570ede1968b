// Codes of four bits: a block of 32 is one vec4 of words; of word w the low nibbles are quad 2w, the high ones quad 2w + 1.
alias BlockCodes = vec4<u32>;

fn b_codes(row: u32, block: u32) -> BlockCodes { return b[row * B_BLOCKS + block]; }

fn b_bytes(codes: BlockCodes, q: u32) -> u32 { return (codes[q >> 1u] >> (4u * (q & 1u))) & 0x0f0f0f0fu; }
