import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { copy } from './index.ts';
import { copyReference } from './reference.ts';

const sizes = (rows: number, columns: number): CheckCase => ({ axes: { rows, columns } });
const integers = (rows: number, columns: number): CheckCase => ({
  ...sizes(rows, columns),
  dtypes: { x: 'u32', y: 'u32' },
  inputs: () => ({ x: Uint32Array.from({ length: rows * columns }, (_, i) => 0xffffffff - 7 * i) }),
});

export const check: KernelCheck = {
  kernel: copy,
  reference: copyReference,
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  dtypes: ['f32', 'f16'],
  exact: ['y'],
  cases: [
    sizes(1, 1),
    sizes(7, 13),
    sizes(5, 6),
    { ...sizes(4, 8), dtypes: { x: 'f16', y: 'f32' } },
    { name: 'large values', ...sizes(3, 12), scale: { x: 1e4 } },
    {
      name: 'rows apart',
      ...sizes(5, 12),
      views: { x: rowView({ stride: 20, offset: 4 }), y: rowView({ stride: 13, offset: 1 }) },
    },
    {
      // y[a, b, c] = x[c, a, b] of [6, 3, 5].
      name: 'axes turned',
      ...sizes(15, 6),
      views: {
        x: rowView({
          row: 1,
          stride: 5,
          offset: 0,
          inner: [
            { size: 5, stride: 1 },
            { size: 6, stride: 15 },
          ],
        }),
      },
    },
    {
      name: 'axes turned, whole vectors',
      ...sizes(21, 8),
      views: { x: rowView({ stride: 8, offset: 8, inner: [{ size: 3, stride: 56 }] }) },
    },
    {
      name: 'backwards from an odd element, repeated',
      ...sizes(8, 7),
      views: { x: rowView({ row: 1, stride: 0, offset: 55, inner: [{ size: 28, stride: -2 }] }) },
    },
    {
      name: 'backwards by a stride of a run',
      ...sizes(3, 8),
      views: { x: rowView({ stride: { multipleOf: 4, isSigned: true }, offset: 24 }) },
      uniforms: { x_stride: -12 },
    },
    {
      name: 'sizes and strides of a run',
      ...sizes(12, 4),
      views: {
        x: rowView({
          row: 1,
          stride: { multipleOf: 2 },
          offset: { multipleOf: 1 },
          inner: [
            { size: { multipleOf: 1 }, stride: 1 },
            { size: 4, stride: { multipleOf: 1 } },
          ],
        }),
      },
      uniforms: { x_stride: 4, x_offset: 3, x_size_0: 3, x_stride_1: 17 },
    },
    {
      name: 'integers',
      ...integers(5, 3),
      views: { x: rowView({ stride: 1, offset: 2, row: 1, inner: [{ size: 3, stride: 6 }] }) },
    },
    { name: 'integers in vectors', ...integers(3, 8) },
    {
      name: 'signed integers',
      ...sizes(2, 5),
      dtypes: { x: 'i32', y: 'i32' },
      inputs: () => ({ x: Int32Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? -1 - i : 2 ** 31 - i)) }),
      views: { x: rowView({ stride: 7, offset: 1 }) },
    },
  ],
  workloads: [
    {
      name: 'heads of 128 tokens to the front',
      model: 'Llama-3.2-1B',
      size: 'small',
      ...sizes(128 * 32, 64),
      views: { x: rowView({ stride: 64, offset: 0, inner: [{ size: 128, stride: 2048 }] }) },
    },
    {
      name: 'heads of 2048 tokens to the front',
      model: 'Llama-3.2-1B',
      size: 'large',
      ...sizes(2048 * 32, 64),
      views: { x: rowView({ stride: 64, offset: 0, inner: [{ size: 2048, stride: 2048 }] }) },
    },
  ],
  floor: () => 0,
};
