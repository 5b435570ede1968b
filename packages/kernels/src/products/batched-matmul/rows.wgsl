// Rows of the product: those of every batch, but a tile holds rows of one batch only, which all meet the same b.

fn row_count() -> u32 { return params.batch * params.m; }

fn tile_rows(tile: u32, height: u32) -> vec2<u32> {
  let tiles = (params.m + height - 1u) / height;
  let batch = tile / tiles;
  let first = batch * params.m;
  return vec2<u32>(first + (tile % tiles) * height, select(0u, first + params.m, batch < params.batch));
}

// Nothing is gathered of a row; the factor of all is alpha.
fn observe_a(v: vec4<f32>) -> vec2<f32> { return vec2<f32>(); }
fn observe_a_finish(s: vec2<f32>) -> f32 { return ALPHA; }
