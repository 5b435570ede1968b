// Parts of a packed weight, bound as vec4 words: a word, an f16, a byte, each by its own index.

fn b_word(i: u32) -> u32 { return b[i >> 2u][i & 3u]; }

fn b_half(i: u32) -> f32 { return unpack2x16float(b_word(i >> 1u) >> (16u * (i & 1u))).x; }

fn b_byte(i: u32) -> u32 { return (b_word(i >> 2u) >> (8u * (i & 3u))) & 0xffu; }
