// What a step writes, encodes and counts, and what it refuses.
import type { Program } from '@tilewright/kernels';
import { ceilDiv, times } from '@tilewright/kernels';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SequenceItem } from './sequence-item.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

/** `y[i] = x[i] + params.amount` for the first `params.count` elements. */
const addition: Program = {
  kernel: 'addition',
  plan: { variant: 'baseline' },
  wgsl: `
    struct Params { count: u32, amount: f32 }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @group(0) @binding(2) var<uniform> params: Params;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
      if (id.x < params.count) { y[id.x] = x[id.x] + params.amount; }
    }`,
  requires: [],
  bindings: [
    { name: 'x', role: 'input', access: 'read' },
    { name: 'y', role: 'output', access: 'read_write' },
  ],
  uniforms: [
    { name: 'count', type: 'u32' },
    { name: 'amount', type: 'f32' },
  ],
  scratch: [],
  dispatches: [{ entryPoint: 'main', workgroups: ceilDiv('count', 4), bindings: ['x', 'y'] }],
};

const items = (): { readonly y: ReturnType<typeof tensor>; readonly items: readonly SequenceItem[] } => {
  const [x, middle, y] = [tensor([1, 2, 3, 4, 5, 6, 7, 8]), tensor(), tensor()];
  return {
    y,
    items: [
      {
        program: addition,
        label: 'first',
        bindings: { x, y: middle },
        sizes: { count: times('rows', 2), amount: 'amount' },
        addressedBytes: { x: times('rows', 8) },
      },
      { program: addition, label: 'second', bindings: { x: middle, y }, sizes: { count: 8, amount: 100 } },
    ],
  };
};
const tensor = (data?: readonly number[]) => opened.device.tensor([8], data);

test('uniforms are written where they changed, in one write, or not at all', async () => {
  const { device } = opened;
  const { y, items: both } = items();
  const sequence = await device.sequence(both);
  const write = vi.spyOn(device.gpu.queue, 'writeBuffer');
  const writes = (values: Record<string, number>): readonly number[] => {
    write.mockClear();
    sequence.run(values);
    return write.mock.calls.map((call) => call[2].byteLength);
  };
  try {
    expect(sequence.names).toEqual(['rows', 'amount']);
    expect(sequence.uniformBytes).toBe(512);
    // From the first word of the first to the last word of the second.
    expect(writes({ rows: 4, amount: 10 })).toEqual([256 + 8]);
    if (!testProfile.compileOnly)
      expect([...(await y.read())]).toEqual([111, 112, 113, 114, 115, 116, 117, 118]);
    expect(writes({ rows: 4, amount: 10 })).toEqual([]);
    expect(writes({ rows: 4, amount: -1 })).toEqual([4]);
    expect(writes({ rows: 2, amount: -2 })).toEqual([8]);
    if (!testProfile.compileOnly)
      expect([...(await y.read())]).toEqual([99, 100, 101, 102, 104, 105, 106, 107]);
    await device.idle();
  } finally {
    write.mockRestore();
    sequence.dispose();
  }
});

test('a dispatch of no workgroups is neither encoded nor counted', async () => {
  const { device } = opened;
  const { y, items: both } = items();
  const sequence = await device.sequence(both);
  const counted = (rows: number): readonly number[] => {
    const { submits, dispatches, movedBytes } = { ...device.counters };
    sequence.run({ rows, amount: 0 });
    const now = device.counters;
    return [now.submits - submits, now.dispatches - dispatches, now.movedBytes - movedBytes];
  };
  expect(counted(3)).toEqual([1, 2, 3 * 8 + 32 + 64]);
  expect(counted(1)).toEqual([1, 2, 1 * 8 + 32 + 64]);
  expect(counted(0)).toEqual([1, 1, 64]);
  expect(counted(4)).toEqual([1, 2, 4 * 8 + 32 + 64]);
  if (!testProfile.compileOnly)
    expect([...(await y.read())]).toEqual([101, 102, 103, 104, 105, 106, 107, 108]);
  sequence.dispose();
});

test('values that are missing, unknown or do not fit are refused, and the next step is right', async () => {
  const { device } = opened;
  const { y, items: both } = items();
  const sequence = await device.sequence(both);
  const needs = 'a run needs count (u32), amount (f32)';
  expect(messageOf(() => sequence.run({ rows: 4 }))).toBe(
    `[first] 'amount' is undefined; ${needs}. Fix: give 'amount' to the run.`,
  );
  expect(messageOf(() => sequence.run({ rows: 4, amount: 1, row: 4 }))).toBe(
    "[sequence] nothing reads a value named 'row'; a run takes rows (first), amount (first). " +
      "Fix: write 'rows'.",
  );
  expect(messageOf(() => sequence.run({ rows: -1, amount: 1 }))).toBe(
    `[first] 'count' is -2; ${needs}. Fix: give a number that the type can hold.`,
  );
  sequence.run({ rows: 4, amount: 1 });
  if (!testProfile.compileOnly)
    expect([...(await y.read())]).toEqual([102, 103, 104, 105, 106, 107, 108, 109]);
  sequence.dispose();
  expect(messageOf(() => sequence.run({ rows: 4, amount: 1 }))).toBe(
    '[sequence] it was run after dispose().',
  );
});

test('a buffer that was freed since the last step is refused', async () => {
  const { device } = opened;
  const [x, y] = [tensor(), tensor()];
  const sequence = await device.sequence([{ program: addition, bindings: { x, y } }]);
  sequence.run({ count: 8, amount: 0 });
  tensor().dispose();
  sequence.run({ count: 8, amount: 0 });
  x.dispose();
  expect(messageOf(() => sequence.run({ count: 8, amount: 0 }))).toBe(
    "[sequence] the tensor 'x' was used after dispose(). Fix: dispose of it later, or make a new one.",
  );
  sequence.dispose();
  await device.idle();
});
