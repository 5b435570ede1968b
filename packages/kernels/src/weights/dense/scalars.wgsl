// A dense weight whose rows begin anywhere: element by element, zero beyond the row.

struct LoadB { first: u32, at: u32 }

fn load_b(row: u32, block: u32) -> LoadB {
  let first = block * 4u * BLOCK_QUADS;
  return LoadB(first, row * K + first);
}

fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let i = 4u * q;
  return vec4<f32>(
    load_b_element(block, i),
    load_b_element(block, i + 1u),
    load_b_element(block, i + 2u),
    load_b_element(block, i + 3u),
  );
}

fn load_b_element(block: LoadB, i: u32) -> f32 {
  if (block.first + i >= K) { return 0.0; }
  return b_load(block.at + i);
}
