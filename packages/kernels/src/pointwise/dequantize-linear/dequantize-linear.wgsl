// y = (x - zero point) · scale; x [outer, length, inner], 8-bit packed four to a word or 32-bit, row-major; scale and zero
// point by the strides of an element's block. One invocation per four neighbours of x. Bytes: x and y once.

fn x_element(i: u32) -> i32 {
  if (WIDE) { return bitcast<i32>(x_load(i)); }
  return byte_of(x_load(i / 4u), i);
}

fn byte_of(word: u32, i: u32) -> i32 {
  let shift = 8u * (i & 3u);
  if (SIGNED) { return extractBits(bitcast<i32>(word), shift, 8u); }
  return i32(extractBits(word, shift, 8u));
}

fn zero_element(i: u32) -> i32 {
  if (WIDE) { return bitcast<i32>(zero_word(i)); }
  return byte_of(zero_word(i / 4u), i);
}

fn value(i: u32) -> f32 {
  let block = i / (LENGTH * INNER) * OUTER_STRIDE + i / INNER % LENGTH / BLOCK * LENGTH_STRIDE + i % INNER * INNER_STRIDE;
  return f32(x_element(i) - zero_element(block)) * scale_load(block);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = 4u * (linear_workgroup(id, count) * WORKGROUP + lane);
  let end = params.outer * LENGTH * INNER;
  if (first + 4u <= end) {
    store_four(first, vec4<f32>(value(first), value(first + 1u), value(first + 2u), value(first + 3u)));
    return;
  }
  for (var i = 0u; i < 3u; i++) {
    if (first + i < end) { store_one(first + i, value(first + i)); }
  }
}
