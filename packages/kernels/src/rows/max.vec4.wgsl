fn largest(v: Value) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }

fn has_nan(v: Value) -> bool {
  return any((bitcast<vec4<u32>>(v) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u));
}

// The first element that has this key.
fn first_with(v: Value, key: u32) -> u32 {
  return select(select(select(3u, 2u, ordered(v.z) == key), 1u, ordered(v.y) == key), 0u, ordered(v.x) == key);
}
