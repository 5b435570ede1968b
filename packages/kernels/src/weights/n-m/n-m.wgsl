// N:M sparse weights, any n and m: a quad is put together from the values its span of max(m, 4) columns keeps.

struct LoadB { row: u32, first: u32, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB {
  return LoadB(row, block * B_BLOCK_KEPT, b_scaling(row, block));
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let span = 4u * q / B_SPAN;
  let lanes = vec4<u32>(0u, 1u, 2u, 3u) + (4u * q) % B_SPAN;
  var quad = vec4<f32>();
  for (var j = 0u; j < B_SPAN_KEPT; j++) {
    let kept = block.first + span * B_SPAN_KEPT + j;
    let column = (j / B_N) * B_M + b_position(block.row, kept);
    let value = fma(b_value(block.row, kept), block.scaling.x, block.scaling.y);
    quad += select(vec4<f32>(), vec4<f32>(value), lanes == vec4<u32>(column));
  }
  return quad;
}

fn b_position(row: u32, kept: u32) -> u32 {
  let bit = kept * B_POSITION_BITS;
  return (b_word(B_POSITIONS + row * B_POSITION_WORDS + (bit >> 5u)) >> (bit & 31u)) & ((1u << B_POSITION_BITS) - 1u);
}
