// Codes of one bit: a block of 32 is a word, its quads at bits 0 to 7 of each byte.
alias BlockCodes = u32;

fn b_codes(row: u32, block: u32) -> BlockCodes { return b_word(row * B_BLOCKS + block); }

fn b_bytes(codes: BlockCodes, q: u32) -> u32 { return (codes >> q) & 0x01010101u; }
