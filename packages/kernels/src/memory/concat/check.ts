import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { concat } from './index.ts';
import { concatReference } from './reference.ts';

const sizes = (batch: number, heads: number, first: number, second: number, size: number): CheckCase => ({
  axes: { batch, heads, first_rows: first, second_rows: second, rows: first + second, size },
});
const packed = { options: { second_order: 'bshd' } };

export const check: KernelCheck = {
  kernel: concat,
  reference: concatReference,
  dtypes: ['f32', 'f16'],
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  cases: [
    sizes(1, 1, 1, 1, 1),
    sizes(2, 3, 12, 6, 8),
    { ...sizes(2, 3, 5, 4, 10), ...packed },
    { ...sizes(3, 2, 7, 11, 5), ...packed },
    { ...sizes(2, 4, 1, 63, 64), ...packed },
    { name: 'any axis of any tensor', ...sizes(7, 1, 3, 2, 13) },
    {
      name: 'integers',
      ...sizes(2, 1, 3, 2, 3),
      dtypes: { first: 'u32', second: 'u32', y: 'u32' },
      inputs: () => ({
        first: Uint32Array.from({ length: 18 }, (_, i) => 0xffffffff - i),
        second: Uint32Array.from({ length: 12 }, (_, i) => 0x7fc00000 + i),
      }),
    },
    { name: 'large values', ...sizes(1, 2, 3, 5, 7), scale: { first: 1e4, second: 1e4 } },
    {
      ...sizes(2, 3, 5, 4, 12),
      views: {
        first: rowView({ stride: 14, offset: 2 }),
        second: rowView({ row: 1, stride: 1, offset: 3, inner: [{ size: 12, stride: 24 }] }),
        y: rowView({ stride: 16, offset: 4 }),
      },
    },
  ],
  workloads: [
    { name: 'step', model: 'shakespeare-1m', size: 'small', ...sizes(1, 4, 127, 1, 32), ...packed },
    { name: 'step at 2048', model: 'Llama-3.2-1B', size: 'large', ...sizes(1, 8, 2047, 1, 64), ...packed },
  ],
  floor: () => 0,
};
