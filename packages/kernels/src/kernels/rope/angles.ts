/** WGSL that reads the cosines and sines of neighbouring angles as the type the kernel works in. */
export const angleReaders: Readonly<Record<1 | 4, string>> = {
  1: `alias Value = f32;
fn cosines(at: u32) -> f32 { return cos_sin_load(at).x; }
fn sines(at: u32) -> f32 { return cos_sin_load(at).y; }`,
  4: `alias Value = vec4<f32>;
fn cosines(at: u32) -> vec4<f32> {
  return vec4<f32>(cos_sin_load(at).x, cos_sin_load(at + 1u).x, cos_sin_load(at + 2u).x, cos_sin_load(at + 3u).x);
}
fn sines(at: u32) -> vec4<f32> {
  return vec4<f32>(cos_sin_load(at).y, cos_sin_load(at + 1u).y, cos_sin_load(at + 2u).y, cos_sin_load(at + 3u).y);
}`,
};
