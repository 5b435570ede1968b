// 2:4 sparse weights: a quad keeps two values, in ascending order of column; a block's 16 positions are one word.

struct LoadB { values: BlockValues, positions: u32, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB {
  let at = row * B_BLOCKS + block;
  return LoadB(b_values(at), b_word(B_POSITIONS + at), b_scaling(row, block));
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let pair = fma(b_pair(block.values, q), vec2<f32>(block.scaling.x), vec2<f32>(block.scaling.y));
  let p = block.positions >> (4u * q);
  let columns = vec4<u32>(0u, 1u, 2u, 3u);
  let second = select(vec4<f32>(), vec4<f32>(pair.y), columns == vec4<u32>((p >> 2u) & 3u));
  return select(second, vec4<f32>(pair.x), columns == vec4<u32>(p & 3u));
}

// Two products instead of four, each with the number its value meets: the first is in column 0, 1 or 2, the second behind.
fn load_b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32 {
  let pair = fma(b_pair(block.values, q), vec2<f32>(block.scaling.x), vec2<f32>(block.scaling.y));
  let p = block.positions >> (4u * q);
  let first = select(select(v.x, v.y, (p & 1u) != 0u), v.z, (p & 2u) != 0u);
  let second = select(select(v.y, v.z, (p & 4u) == 0u), v.w, (p & 12u) == 12u);
  return fma(pair.x, first, pair.y * second);
}
