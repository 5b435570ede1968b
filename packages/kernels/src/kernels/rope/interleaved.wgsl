// Channel 2i turns with channel 2i + 1; a unit is two pairs.

fn turned(at: u32, unit: u32, position: u32, value: vec4<f32>) -> vec4<f32> {
  let first = cos_sin_load(position * HALF + 2u * unit);
  let second = cos_sin_load(position * HALF + 2u * unit + 1u);
  let partner = vec4<f32>(-value.y, value.x, -value.w, value.z);
  return value * vec4<f32>(first.xx, second.xx) + partner * vec4<f32>(first.yy, second.yy);
}
