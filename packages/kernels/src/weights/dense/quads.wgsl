// A dense weight whose rows are whole quads.

struct LoadB { first: u32, at: u32 }

fn load_b(row: u32, block: u32) -> LoadB {
  let first = block * BLOCK_QUADS;
  return LoadB(first, row * K_QUADS + first);
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  if (K_QUADS % BLOCK_QUADS != 0u && block.first + q >= K_QUADS) { return vec4<f32>(); }
  return b_load(block.at + q);
}
