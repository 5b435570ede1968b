// The pair of a quad is a word.
alias BlockValues = u32;

fn b_values(at: u32) -> u32 { return 8u * at; }

fn b_pair(values: u32, q: u32) -> vec2<f32> { return unpack2x16float(b_word(values + q)); }
