// A block of 32 columns has one scale. Columns beyond the row have a code that stands for zero, or there are none.
struct LoadB { codes: BlockCodes, scaling: vec2<f32> }

fn load_b(row: u32, block: u32) -> LoadB { return LoadB(b_codes(row, block), b_scaling(row, block)); }

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  return b_scaled(b_numbers(b_bytes(block.codes, q)), vec4<f32>(block.scaling.x), vec4<f32>(block.scaling.y));
}
