import { expect, test } from 'vitest';
import { assemble } from './assemble.ts';
import { isBound, storageOf } from './bindings.ts';
import type { Program } from './contract.ts';
import { defineKernel } from './define-kernel.ts';
import type { Filling } from './filling.ts';
import { times } from './extent.ts';

const plain: Filling = { id: 'plain', wgsl: (slot) => `fn ${slot}() {}`, reference: null };
const kernel = defineKernel({
  name: 'probe',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: {
    x: ['rows', 'columns'],
    w: { shape: ['columns'], dtype: 'weight' },
    bias: { shape: ['columns'], when: ['bias', true] },
  },
  outputs: { y: ['rows', 'columns'], cache: { shape: ['columns'], dtype: 'u32', inOut: true } },
  uniforms: { alpha: 'f32' },
  options: { bias: [false, true] },
  slots: { epilogue: { default: plain } },
  dtypes: ['f32', 'f16'],
  variants: [],
});
const axes = { rows: 2, columns: 8 };
const dispatches = [{ entryPoint: 'main', workgroups: 'rows' }];
const assembled = (
  input: Parameters<typeof kernel.problem>[0],
  more: Partial<Parameters<typeof assemble>[0]> = {},
): Program =>
  assemble({
    kernel,
    problem: kernel.problem(input),
    plan: { variant: 'only' },
    wgsl: ['// the file'],
    dispatches,
    ...more,
  });

test('prelude, files and fillings, in this order', () => {
  const program = assembled(
    { axes },
    { constants: { SIZE: 8, SHIFT: -2, HALF: 0.5, ONE: { f32: 1 }, LOG: true } },
  );
  expect(program.wgsl).toBe(`const SIZE = 8u;
const SHIFT = -2i;
const HALF = f32(0.5);
const ONE = f32(1);
const LOG = true;
struct Params { rows: u32, alpha: f32, }
@group(0) @binding(4) var<uniform> params: Params;
@group(0) @binding(0) var<storage, read> x: array<f32>;
fn x_load(i: u32) -> f32 { return x[i]; }
@group(0) @binding(1) var<storage, read> w: array<u32>;
fn w_load(i: u32) -> u32 { return w[i]; }
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
fn y_load(i: u32) -> f32 { return y[i]; }
fn y_store(i: u32, v: f32) { y[i] = v; }
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;
fn cache_load(i: u32) -> u32 { return cache[i]; }
fn cache_store(i: u32, v: u32) { cache[i] = v; }
fn linear_workgroup(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + count.x * (id.y + count.y * id.z);
}
// the file
fn epilogue() {}`);
  expect(program.bindings).toEqual([
    { name: 'x', role: 'input', access: 'read' },
    { name: 'w', role: 'input', access: 'read' },
    { name: 'y', role: 'output', access: 'read_write' },
    { name: 'cache', role: 'in-out', access: 'read_write' },
  ]);
  expect(program.uniforms).toEqual([
    { name: 'rows', type: 'u32' },
    { name: 'alpha', type: 'f32' },
  ]);
  expect(program.dispatches).toEqual([
    { entryPoint: 'main', workgroups: 'rows', bindings: ['x', 'w', 'y', 'cache'] },
  ]);
});

test('optional tensors are bound when their option says so', () => {
  expect(assembled({ axes, options: { bias: true } }).bindings.map(({ name }) => name)).toEqual([
    'x',
    'w',
    'bias',
    'y',
    'cache',
  ]);
  expect(isBound(kernel.inputs.bias, kernel.problem({ axes }))).toBe(false);
});

test('views choose the width, the type and the name', () => {
  const { wgsl } = assembled(
    { axes, dtypes: { x: 'f16' } },
    { views: { x: { width: 4 }, w: { width: 4, identifier: 'b' } } },
  );
  expect(wgsl).toContain('var<storage, read> x: array<vec2<u32>>;');
  expect(wgsl).toContain('var<storage, read> b: array<vec4<u32>>;\nfn b_load(i: u32) -> vec4<u32>');
  expect(storageOf(kernel.inputs.w, undefined)).toBe('u32');
});

test('features become directives, before everything else', () => {
  const { wgsl, requires } = assembled({ axes }, { requires: ['subgroups', 'subgroup_id', 'shader-f16'] });
  expect(wgsl.startsWith('enable subgroups;\nrequires subgroup_id;\nenable f16;\n')).toBe(true);
  expect(requires).toEqual(['subgroups', 'subgroup_id', 'shader-f16']);
});

test('a filling brings bindings, uniforms and features, and may omit tensors', () => {
  const filling: Filling = {
    id: 'elsewhere',
    requires: ['packed_4x8_integer_dot_product'],
    bindings: {
      target: { shape: ['rows'], dtype: 'float', width: 4, role: 'output' },
      ids: { shape: [3], dtype: 'u32' },
    },
    uniforms: { limit: 'f32' },
    omits: ['y'],
    wgsl: (slot) => `fn ${slot}() { ${slot}_target_store(0u, vec4<f32>(params.${slot}_limit)); }`,
    reference: null,
  };
  const program = assembled({ axes, slots: { epilogue: filling }, dtypes: { 'epilogue.target': 'f16' } });
  expect(program.bindings.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'x input',
    'w input',
    'cache in-out',
    'epilogue.target output',
    'epilogue.ids input',
  ]);
  expect(program.wgsl).toContain('struct Params { rows: u32, alpha: f32, epilogue_limit: f32, }');
  expect(program.wgsl).toContain('var<storage, read_write> epilogue_target: array<vec2<u32>>;');
  expect(program.requires).toEqual(['packed_4x8_integer_dot_product']);
  expect(program.dispatches[0]!.bindings).toEqual(['x', 'w', 'cache', 'epilogue.target', 'epilogue.ids']);
});

test('dispatches bind what they name, and the fillings of the slots they use', () => {
  const filling: Filling = { ...plain, bindings: { extra: { shape: ['rows'], dtype: 'f32' } } };
  const program = assembled(
    { axes, slots: { epilogue: filling } },
    {
      scratch: { parts: { sizeBytes: times('rows', 16), width: 4 } },
      dispatches: [
        { entryPoint: 'gather', workgroups: 1, bindings: ['x', 'parts'], slots: [] },
        { entryPoint: 'finish', workgroups: 'rows', bindings: ['parts', 'y'] },
      ],
    },
  );
  expect(program.scratch).toEqual([{ name: 'parts', sizeBytes: ['*', 'rows', 16] }]);
  expect(program.dispatches.map(({ bindings }) => bindings)).toEqual([
    ['x', 'parts'],
    ['parts', 'y', 'epilogue.extra'],
  ]);
  expect(program.bindings.at(-1)).toEqual({ name: 'parts', role: 'scratch', access: 'read_write' });
});
