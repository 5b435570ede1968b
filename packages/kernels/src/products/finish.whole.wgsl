// A quad of every part of the product over all of K is done.

fn finish(split: u32, row: u32, column: u32, v: array<vec4<f32>, PARTS>, seen: vec2<f32>) {
  epilogue(row, column, result(v, observe_a_finish(seen)));
}
