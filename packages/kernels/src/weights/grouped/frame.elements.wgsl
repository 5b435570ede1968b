// Each element finds its scale by itself; columns beyond the row are zero.
struct LoadB { codes: BlockCodes, row: u32, first: u32 }

fn load_b(row: u32, block: u32) -> LoadB { return LoadB(b_codes(row, block), row, 32u * block); }

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let column = block.first + 4u * q;
  let s0 = b_scale_at(block.row, column);
  let s1 = b_scale_at(block.row, column + 1u);
  let s2 = b_scale_at(block.row, column + 2u);
  let s3 = b_scale_at(block.row, column + 3u);
  let values = b_scaled(
    b_numbers(b_bytes(block.codes, q)),
    vec4<f32>(s0.x, s1.x, s2.x, s3.x),
    vec4<f32>(s0.y, s1.y, s2.y, s3.y),
  );
  return select(vec4<f32>(), values, vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(K));
}
