// Hands four neighbouring columns of a row to the epilogue.

fn store(part: u32, unit: u32, v: vec4<f32>) {
  epilogue(part / GROUPS, ((part % GROUPS) * UNITS + unit) * 4u, v);
}
