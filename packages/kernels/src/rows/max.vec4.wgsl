fn largest(v: Value) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }

// The first element that equals `wanted`.
fn first_equal(v: Value, wanted: f32) -> u32 {
  return select(select(select(3u, 2u, v.z == wanted), 1u, v.y == wanted), 0u, v.x == wanted);
}
