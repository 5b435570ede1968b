// A quad has one scale; columns beyond the row are zero.
struct LoadB { codes: BlockCodes, row: u32, first: u32 }

fn load_b(row: u32, block: u32) -> LoadB { return LoadB(b_codes(row, block), row, 32u * block); }

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let column = block.first + 4u * q;
  let scale = b_scale(block.row, column / B_GROUP);
  let values = b_scaled(b_numbers(b_bytes(block.codes, q)), vec4<f32>(scale.x), vec4<f32>(scale.y));
  return select(vec4<f32>(), values, vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(K));
}
