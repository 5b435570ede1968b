import { expect, test } from 'vitest';
import { declareTensor } from './tensor-access.ts';

const declare = (
  dtype: 'f32' | 'f16' | 'u32',
  width: 1 | 2 | 4,
  access: 'read' | 'read_write',
  halves = false,
): string => declareTensor({ name: 'x', dtype, width, access }, 3, halves);

test('f32 and integers are what they are', () => {
  expect(declare('f32', 4, 'read')).toBe(
    '@group(0) @binding(3) var<storage, read> x: array<vec4<f32>>;\n' +
      'fn x_load(i: u32) -> vec4<f32> { return x[i]; }',
  );
  expect(declare('u32', 1, 'read_write')).toBe(
    '@group(0) @binding(3) var<storage, read_write> x: array<u32>;\n' +
      'fn x_load(i: u32) -> u32 { return x[i]; }\n' +
      'fn x_store(i: u32, v: u32) { x[i] = v; }',
  );
});

test('f16 is packed in words, and stores never overflow and keep NaN', () => {
  expect(declare('f16', 4, 'read_write')).toBe(
    '@group(0) @binding(3) var<storage, read_write> x: array<vec2<u32>>;\n' +
      'fn x_load(i: u32) -> vec4<f32> { return vec4<f32>(unpack2x16float(x[i].x), unpack2x16float(x[i].y)); }\n' +
      'fn x_store(i: u32, v: vec4<f32>) { let c = clamp(v, vec4<f32>(-65504.0), vec4<f32>(65504.0)); ' +
      'let n = select(vec4<u32>(), vec4<u32>(0x7e00u, 0x7e000000u, 0x7e00u, 0x7e000000u), ' +
      '(bitcast<vec4<u32>>(v) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u)); ' +
      'x[i] = vec2<u32>(pack2x16float(c.xy) | n.x | n.y, pack2x16float(c.zw) | n.z | n.w); }',
  );
  expect(declare('f16', 2, 'read_write')).toContain(
    'fn x_store(i: u32, v: vec2<f32>) { let c = clamp(v, vec2<f32>(-65504.0), vec2<f32>(65504.0)); ' +
      'let n = select(vec2<u32>(), vec2<u32>(0x7e00u, 0x7e000000u), ' +
      '(bitcast<vec2<u32>>(v) & vec2<u32>(0x7fffffffu)) > vec2<u32>(0x7f800000u)); ' +
      'x[i] = pack2x16float(c) | n.x | n.y; }',
  );
});

test('a single f16 is stored by atomics, or with shader-f16 as it is', () => {
  const nan = 'let n = select(u32(), 0x7e00u, (bitcast<u32>(v) & u32(0x7fffffffu)) > u32(0x7f800000u)); ';
  expect(declare('f16', 1, 'read')).toBe(
    '@group(0) @binding(3) var<storage, read> x: array<u32>;\n' +
      'fn x_load(i: u32) -> f32 { return unpack2x16float(x[i >> 1u] >> (16u * (i & 1u))).x; }',
  );
  expect(declare('f16', 1, 'read_write')).toBe(
    '@group(0) @binding(3) var<storage, read_write> x: array<atomic<u32>>;\n' +
      'fn x_load(i: u32) -> f32 { return unpack2x16float(atomicLoad(&x[i >> 1u]) >> (16u * (i & 1u))).x; }\n' +
      'fn x_store(i: u32, v: f32) { let c = clamp(v, f32(-65504.0), f32(65504.0)); ' +
      nan +
      'let shift = 16u * (i & 1u); ' +
      'atomicAnd(&x[i >> 1u], ~(0xffffu << shift)); ' +
      'atomicOr(&x[i >> 1u], (pack2x16float(vec2<f32>(c, 0.0)) | n) << shift); }',
  );
  expect(declare('f16', 1, 'read_write', true)).toBe(
    '@group(0) @binding(3) var<storage, read_write> x: array<f16>;\n' +
      'fn x_load(i: u32) -> f32 { return f32(x[i]); }\n' +
      'fn x_store(i: u32, v: f32) { let c = clamp(v, f32(-65504.0), f32(65504.0)); ' +
      nan +
      'x[i] = bitcast<vec2<f16>>(pack2x16float(vec2<f32>(c, 0.0)) | n).x; }',
  );
});
