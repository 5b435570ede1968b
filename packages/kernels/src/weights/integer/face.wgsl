// The integer face: codes of a quad, as int8.
fn load_b_codes(block: LoadB, q: u32) -> u32 { return b_bytes(block.codes, q); }
