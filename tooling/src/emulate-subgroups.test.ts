import type { Program } from '@tilewright/kernels';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilerOf, emulateSubgroups } from './emulate-subgroups.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const programOf = (wgsl: string): Program => ({
  kernel: 'lanes',
  plan: { variant: 'subgroups' },
  wgsl,
  requires: ['subgroups', 'subgroup_id'],
  bindings: [{ name: 'y', role: 'output', access: 'read_write' }],
  uniforms: [],
  scratch: [],
  dispatches: [{ entryPoint: 'main', workgroups: 2, bindings: ['y'] }],
});

const lanes = (workgroup: number): Program =>
  programOf(`enable subgroups;
requires subgroup_id;
@group(0) @binding(0) var<storage, read_write> y: array<vec4<f32>>;
const WORKGROUP = ${workgroup}u;
struct Lane {
  @builtin(local_invocation_index) index: u32, // its place
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}
@compute @workgroup_size(WORKGROUP)
fn main(at: Lane, @builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_size) size: u32) {
  let number = group.x * WORKGROUP + at.index;
  let sum = subgroupAdd(vec2<f32>(f32(number), 1.0));
  let least = subgroupMin(i32(number));
  let next = subgroupShuffle(number, (at.lane + 1u) % size);
  y[number] = vec4<f32>(sum.x + subgroupMax(f32(number)), sum.y, f32(least) + f32(next), f32(at.subgroup * 100u + at.subgroups));
}`);

test.each([
  [64, 32],
  [64, 64],
  [256, 128],
])('a workgroup of %i has subgroups of %i', async (workgroup, size) => {
  const { device } = opened;
  const emulated = await emulateSubgroups(lanes(workgroup), size, compilerOf(device));
  expect(emulated.refused).toBeUndefined();
  const program = emulated.program!;
  expect(program.requires).toEqual([]);
  const y = device.tensor([2 * workgroup, 4]);
  const sequence = await device.sequence([{ program, bindings: { y } }]);
  sequence.run({});
  const want = Array.from({ length: 2 * workgroup }, (_, number) => {
    const first = number - (number % size);
    const sum = size * first + (size * (size - 1)) / 2;
    const subgroup = Math.floor((number % workgroup) / size);
    const next = first + ((number + 1) % size);
    return [sum + first + size - 1, size, first + next, 100 * subgroup + workgroup / size];
  });
  expect([...(await y.read())]).toEqual(want.flat());
});

test('subgroups that go separate ways, and what is not emulated, are refused with the reason', async () => {
  const compile = compilerOf(opened.device);
  const separate = lanes(64).wgsl.replace('let least', 'if (at.lane > 3u) { return; }\n  let least');
  expect((await emulateSubgroups(programOf(separate), 32, compile)).refused).toContain(
    "'workgroupBarrier' must only be called from uniform control flow",
  );
  const ballot = lanes(64).wgsl.replace('let least', 'let all = subgroupBallot(true);\n  let least');
  expect(await emulateSubgroups(programOf(ballot), 32, compile)).toEqual({
    refused: 'subgroupBallot is not emulated',
  });
  expect(await emulateSubgroups(programOf('@compute @workgroup_size(1) fn main() {}'), 32, compile)).toEqual({
    refused: 'no entry point has subgroups',
  });
});
