// What is not a number, in tensors whose rows lie apart: it spoils its own row, and neither the others nor what lies between them.
import { rowView } from '@tilewright/kernels';
import { copy } from '@tilewright/kernels/copy';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runKernel } from './run-kernel.ts';

const rows = 3;
const [spoiled, place] = [1, 2];

describe.skipIf(testProfile.compileOnly)('hard values in views', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());

  /** Rows of `columns` elements, `stride` apart, with NaN between them and `value` in one of them. */
  function laid(columns: number, stride: number, offset: number, value: number): Float32Array {
    const data = new Float32Array(offset + stride * rows).fill(NaN);
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < columns; i++) data[offset + row * stride + i] = (i % 5) - 2;
    data[offset + spoiled * stride + place] = value;
    return data;
  }

  const kernels = [
    { kernel: rmsNorm, columns: 'hidden', keeps: false },
    { kernel: copy, columns: 'columns', keeps: true },
  ] as const;
  const orders = [
    [7, 10, 3],
    [8, 12, 4],
    [8, 9, 1],
  ] as const;
  for (const { kernel, columns: axis, keeps } of kernels)
    for (const dtype of ['f32', 'f16'] as const)
      test.each(orders)(`${kernel.name} of ${dtype}: rows of %i, %i apart, from %i on`, async (...order) => {
        const [columns, stride, offset] = order;
        const view = rowView({ stride, offset });
        for (const value of [NaN, Infinity, -Infinity, 1e6]) {
          const { device } = opened;
          const data = laid(columns, stride, offset, value);
          const [x, y] = [
            device.tensor([data.length], data, dtype),
            device.tensor([data.length], data.fill(5), dtype),
          ];
          const weight = device.tensor([columns], new Float32Array(columns).fill(1), dtype);
          await runKernel(device, kernel as typeof copy, {
            axes: { rows, [axis]: columns },
            inputs: { x, ...(keeps ? {} : { weight }) },
            outputs: { y },
            views: { x: view, y: view },
          });
          const got = await y.read();
          const rowOf = (row: number): number[] =>
            Array.from(got.subarray(offset + row * stride, offset + row * stride + columns));
          for (const row of [0, 2]) expect(rowOf(row).every(Number.isFinite)).toBe(true);
          const stored = dtype === 'f16' ? Math.max(-65504, Math.min(65504, value)) : value;
          if (keeps) expect(rowOf(spoiled)[place]).toBe(stored);
          else if (Number.isNaN(value)) expect(rowOf(spoiled)).toEqual(Array(columns).fill(NaN));
          for (let i = 0; i < got.length; i++)
            if (i < offset || (i - offset) % stride >= columns) expect(got[i]).toBe(5);
          for (const tensor of [x, y, weight]) tensor.dispose();
        }
      });
});
