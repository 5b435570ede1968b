import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { softmax } from './index.ts';
import { softmaxReference } from './reference.ts';

const lines = (rows: number, columns: number, inner: number, more: CheckCase['options'] = {}): CheckCase => ({
  axes: { rows, columns, inner },
  options: { along: 'middle', ...more },
});

export const check: KernelCheck = {
  kernel: softmax,
  reference: softmaxReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 5 * axes.rows! * axes.columns! * (axes.inner ?? 1) }),
  cases: [
    { axes: { rows: 1, columns: 1 } },
    { axes: { rows: 3, columns: 7 } },
    { axes: { rows: 5, columns: 127 }, scalars: { scale: 0.125 } },
    { axes: { rows: 2, columns: 128 }, options: { log: true } },
    { axes: { rows: 3, columns: 1021 }, options: { log: true } },
    { axes: { rows: 2, columns: 1028 } },
    { axes: { rows: 70_001, columns: 4 } },
    { name: 'two splits', axes: { rows: 1, columns: 16_388 } },
    { name: 'splits of odd length', axes: { rows: 2, columns: 32_771 }, options: { log: true } },
    { name: 'large values', axes: { rows: 4, columns: 257 }, scale: { x: 1e4 } },
    { name: 'large values', axes: { rows: 4, columns: 5000 }, scale: { x: 1e4 }, options: { log: true } },
    lines(1, 1, 1),
    { ...lines(1, 3, 20), scalars: { scale: 0.125 } },
    lines(3, 4, 5),
    lines(2, 17, 67, { log: true }),
    lines(5, 127, 4),
    lines(2, 1021, 3, { log: true }),
    lines(40_001, 2, 3),
    { ...lines(2, 33, 12), name: 'large values', scale: { x: 1e4 } },
    {
      axes: { rows: 5, columns: 132 },
      views: {
        x: rowView({ stride: 135, offset: 2 }),
        y: rowView({ stride: 136, offset: { multipleOf: 4 } }),
      },
      uniforms: { y_offset: 12 },
    },
    {
      axes: { rows: 2, columns: 16_388 },
      views: { x: rowView({ stride: 16_390, offset: 6 }), y: rowView({ stride: 16_389, offset: 1 }) },
    },
    {
      ...lines(2, 5, 12),
      views: { x: rowView({ stride: 14, offset: 3 }), y: rowView({ stride: 16, offset: 4 }) },
    },
  ],
  workloads: [
    { name: 'scores', model: 'shakespeare-1m', size: 'small', axes: { rows: 4 * 128, columns: 128 } },
    { name: 'scores 512', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 32 * 512, columns: 512 } },
    { name: 'vocabulary', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 1, columns: 128_256 } },
    {
      name: 'vocabulary, log',
      model: 'Llama-3.1-8B',
      size: 'large',
      axes: { rows: 128, columns: 128_256 },
      options: { log: true },
    },
    { name: 'routing over experts', model: 'shakespeare-1m', size: 'small', ...lines(1, 8, 128) },
    {
      name: 'attention over queries (slot attention)',
      model: 'Slot Attention, CLEVR',
      size: 'large',
      ...lines(64, 7, 16_384),
    },
  ],
  // exp of x is good to 3 + 2|x| ULP and the largest powers have |x| below 2; the division is good to 2.5 ULP. A
  // logarithm is good to 3 ULP, beside which the largest output is at least as large.
  floor: () => 12 * 2 ** -23,
};
